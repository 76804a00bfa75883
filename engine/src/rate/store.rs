use domain::ids::{ProjectId, RateId};
use domain::people::PersonName;
use domain::project::TaskName;
use domain::rate::Rate;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// A rate with the names of what it is for.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    #[sqlx(flatten)]
    pub rate: Rate,
    pub task_name: Option<TaskName>,
    pub person_name: Option<PersonName>,
    pub author: Option<PersonName>,
}

/// Every rate of a project, the last written first.
pub async fn list(db: &Db, project: ProjectId) -> Result<Vec<Named>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT r.*, t.name AS task_name, p.name AS person_name, a.name AS author FROM rate r \
         LEFT JOIN task_type t ON t.id = r.task_type_id LEFT JOIN person p ON p.id = r.person_id \
         LEFT JOIN person a ON a.id = r.written_by WHERE r.project_id = $1 ORDER BY r.id DESC"
    ).bind(project).fetch_all(c).await)
}

pub async fn list_in(tx: &mut Tx, project: ProjectId) -> Result<Vec<Rate>, DbError> {
    on_tx!(*tx, c => sqlx::query_as("SELECT * FROM rate WHERE project_id = $1").bind(project).fetch_all(c).await)
}

/// Whether anything on a project has a price yet.
pub async fn is_paid(tx: &mut Tx, project: ProjectId) -> Result<bool, DbError> {
    let one: Option<RateId> = on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT id FROM rate WHERE project_id = $1 LIMIT 1"
    ).bind(project).fetch_optional(c).await)?;
    Ok(one.is_some())
}

pub async fn insert(tx: &mut Tx, rate: &Rate) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO rate (id, project_id, task_type_id, level, person_id, from_on, hour_price, unit_price, \
             written_by, written_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        )
        .bind(rate.id)
        .bind(rate.project_id)
        .bind(rate.scope.task_type_id)
        .bind(&rate.scope.level)
        .bind(rate.scope.person_id)
        .bind(rate.from_on)
        .bind(rate.hour_price)
        .bind(rate.unit_price)
        .bind(rate.written_by)
        .bind(rate.written_at)
    )
    .map(drop)
}

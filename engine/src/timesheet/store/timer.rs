use chrono::{DateTime, Utc};
use domain::ids::{PersonId, TaskTypeId};
use domain::project::{ProjectCode, TaskName};

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// A clock that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Running {
    pub task_type_id: TaskTypeId,
    pub since: DateTime<Utc>,
}

/// The same, with what it runs for: also where its person is on the project no more.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Timer {
    pub task: TaskName,
    pub project: ProjectCode,
    pub since: DateTime<Utc>,
}

pub async fn shown(db: &Db, person: PersonId) -> Result<Option<Timer>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT k.name AS task, p.code AS project, t.since FROM timesheet_timer t \
         JOIN task_type k ON k.id = t.task_type_id JOIN project p ON p.id = k.project_id WHERE t.person_id = $1"
    ).bind(person).fetch_optional(c).await)
}

const OF: &str = "SELECT task_type_id, since FROM timesheet_timer WHERE person_id = $1";

pub async fn of(db: &Db, person: PersonId) -> Result<Option<Running>, DbError> {
    on_db!(db, c => sqlx::query_as(OF).bind(person).fetch_optional(c).await)
}

pub async fn of_in(tx: &mut Tx, person: PersonId) -> Result<Option<Running>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(OF).bind(person).fetch_optional(c).await)
}

pub async fn start(tx: &mut Tx, person: PersonId, running: Running) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query("INSERT INTO timesheet_timer (person_id, task_type_id, since) VALUES ($1, $2, $3)")
            .bind(person)
            .bind(running.task_type_id)
            .bind(running.since)
    )
    .map(drop)
}

/// Whether one ran.
pub async fn stop(tx: &mut Tx, person: PersonId) -> Result<bool, DbError> {
    let stopped = run_tx!(*tx, sqlx::query("DELETE FROM timesheet_timer WHERE person_id = $1").bind(person))?;
    Ok(stopped > 0)
}

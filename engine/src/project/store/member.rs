use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{PersonId, ProjectId};
use domain::people::Role;
use domain::project::Member;
use domain::rate::Level;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

pub async fn is_member(db: &Db, project: ProjectId, person: PersonId) -> Result<bool, DbError> {
    let one: Option<PersonId> = on_db!(db, c => sqlx::query_scalar(
        "SELECT person_id FROM project_member WHERE project_id = $1 AND person_id = $2"
    ).bind(project).bind(person).fetch_optional(c).await)?;
    Ok(one.is_some())
}

pub async fn list(db: &Db, project: ProjectId) -> Result<Vec<Member>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT m.person_id, p.name, p.email, p.status, m.role, m.starts_on, m.ends_on FROM project_member m \
         JOIN person p ON p.id = m.person_id WHERE m.project_id = $1 ORDER BY p.name_key, p.id LIMIT 2000"
    ).bind(project).fetch_all(c).await)
}

pub async fn role(tx: &mut Tx, project: ProjectId, person: PersonId) -> Result<Option<Role>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT role FROM project_member WHERE project_id = $1 AND person_id = $2"
    ).bind(project).bind(person).fetch_optional(c).await)
}

pub async fn set(
    tx: &mut Tx,
    project: ProjectId,
    person: PersonId,
    role: Role,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO project_member (project_id, person_id, role, added_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (project_id, person_id) DO UPDATE SET role = $3"
        )
        .bind(project)
        .bind(person)
        .bind(role)
        .bind(at)
    )
    .map(drop)
}

pub async fn remove(tx: &mut Tx, project: ProjectId, person: PersonId) -> Result<bool, DbError> {
    let removed = run_tx!(
        *tx,
        sqlx::query("DELETE FROM project_member WHERE project_id = $1 AND person_id = $2")
            .bind(project)
            .bind(person)
    )?;
    Ok(removed == 1)
}

/// The first and the last day of somebody's work, where they are known.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// None if they are not on the project.
pub async fn days(tx: &mut Tx, project: ProjectId, person: PersonId) -> Result<Option<Days>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT starts_on, ends_on FROM project_member WHERE project_id = $1 AND person_id = $2"
    ).bind(project).bind(person).fetch_optional(c).await)
}

pub async fn set_days(
    tx: &mut Tx,
    project: ProjectId,
    person: PersonId,
    (starts_on, ends_on): Days,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE project_member SET starts_on = $3, ends_on = $4 WHERE project_id = $1 AND person_id = $2"
        )
        .bind(project)
        .bind(person)
        .bind(starts_on)
        .bind(ends_on)
    )
    .map(drop)
}

/// A level somebody has from a day on.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LevelFrom {
    pub person_id: PersonId,
    pub from_on: NaiveDate,
    pub level: Option<Level>,
}

/// The levels of everybody who ever was on a project; of each, the earliest first.
pub async fn levels(db: &Db, project: ProjectId) -> Result<Vec<LevelFrom>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT person_id, from_on, level FROM member_level WHERE project_id = $1 ORDER BY person_id, from_on"
    ).bind(project).fetch_all(c).await)
}

pub async fn set_level(
    tx: &mut Tx,
    project: ProjectId,
    LevelFrom { person_id, from_on, level }: &LevelFrom,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO member_level (project_id, person_id, from_on, level) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (project_id, person_id, from_on) DO UPDATE SET level = $4"
        )
        .bind(project)
        .bind(person_id)
        .bind(from_on)
        .bind(level)
    )
    .map(drop)
}

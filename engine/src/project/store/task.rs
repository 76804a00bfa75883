use domain::ids::{ProjectId, TaskTypeId};
use domain::project::TaskType;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What there is to do on a project; what nobody does any more comes last.
pub async fn list(db: &Db, project: ProjectId) -> Result<Vec<TaskType>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM task_type WHERE project_id = $1 ORDER BY active DESC, name_key LIMIT 1000"
    ).bind(project).fetch_all(c).await)
}

pub async fn by_id(tx: &mut Tx, project: ProjectId, id: TaskTypeId) -> Result<Option<TaskType>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT * FROM task_type WHERE id = $1 AND project_id = $2"
    ).bind(id).bind(project).fetch_optional(c).await)
}

pub async fn insert(tx: &mut Tx, task: &TaskType) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO task_type (id, project_id, name, name_key, paid_by, unit, day_minutes, day_units, active) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        )
        .bind(task.id)
        .bind(task.project_id)
        .bind(&task.name)
        .bind(task.name.as_str().to_lowercase())
        .bind(task.paid_by)
        .bind(&task.unit)
        .bind(task.day_minutes)
        .bind(task.day_units)
        .bind(task.active)
    )
    .map(drop)
}

/// Writes what can change, if nobody else has since this version was read. What it is paid by stays.
pub async fn update(tx: &mut Tx, task: &TaskType) -> Result<bool, DbError> {
    let updated = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE task_type SET name = $3, name_key = $4, unit = $5, day_minutes = $6, day_units = $7, \
             active = $8, version = version + 1 WHERE id = $1 AND version = $2"
        )
        .bind(task.id)
        .bind(task.version)
        .bind(&task.name)
        .bind(task.name.as_str().to_lowercase())
        .bind(&task.unit)
        .bind(task.day_minutes)
        .bind(task.day_units)
        .bind(task.active)
    )?;
    Ok(updated == 1)
}

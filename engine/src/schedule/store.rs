use chrono::{DateTime, Utc};
use domain::ids::{RunId, WorkflowId};
use domain::people::Zone;
use domain::workflow::WorkflowName;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, run_tx};

/// One of the times a workflow starts by itself.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub workflow_id: WorkflowId,
    pub workflow: WorkflowName,
    pub title: String,
    /// Its place in the definition.
    pub number: i64,
    pub cron: String,
    pub zone: Zone,
    /// JSON.
    pub input: String,
    pub next_at: DateTime<Utc>,
    pub last_at: Option<DateTime<Utc>>,
    pub last_run: Option<RunId>,
    /// Why nothing was started last; empty if something was.
    pub last_error: String,
}

const SELECT: &str = "SELECT schedule.*, workflow.name AS workflow, workflow.title FROM schedule \
                      JOIN workflow ON workflow.id = schedule.workflow_id";

/// All of a workflow are those of its newest version from now on.
pub async fn clear(tx: &mut Tx, workflow: WorkflowId) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("DELETE FROM schedule WHERE workflow_id = $1").bind(workflow)).map(drop)
}

pub async fn add(
    tx: &mut Tx,
    workflow: WorkflowId,
    number: i64,
    (cron, zone, input): (&str, &Zone, &str),
    next_at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO schedule (workflow_id, number, cron, zone, input, next_at, last_error) \
             VALUES ($1, $2, $3, $4, $5, $6, '')"
        )
        .bind(workflow)
        .bind(number)
        .bind(cron)
        .bind(zone)
        .bind(input)
        .bind(next_at)
    )
    .map(drop)
}

/// The first that is due; nothing if none is.
pub async fn first_due(db: &Db, at: DateTime<Utc>) -> Result<Option<Row>, DbError> {
    let sql = format!("{SELECT} WHERE schedule.next_at <= $1 ORDER BY schedule.next_at LIMIT 1");
    on_db!(db, c => sqlx::query_as(&sql).bind(at).fetch_optional(c).await)
}

/// It has been due, and is next then; `false` if somebody else was faster.
pub async fn move_on(tx: &mut Tx, row: &Row, next_at: DateTime<Utc>) -> Result<bool, DbError> {
    let moved = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE schedule SET next_at = $4, last_at = $3 WHERE workflow_id = $1 AND number = $2 AND next_at = $3"
        )
        .bind(row.workflow_id)
        .bind(row.number)
        .bind(row.next_at)
        .bind(next_at)
    )?;
    Ok(moved > 0)
}

/// What came of it.
pub async fn note(tx: &mut Tx, row: &Row, run: Option<RunId>, error: &str) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE schedule SET last_run = COALESCE($3, last_run), last_error = $4 WHERE workflow_id = $1 AND number = $2"
        )
        .bind(row.workflow_id)
        .bind(row.number)
        .bind(run)
        .bind(error)
    )
    .map(drop)
}

pub async fn next_due(db: &Db) -> Result<Option<DateTime<Utc>>, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT MIN(next_at) FROM schedule").fetch_one(c).await)
}

/// Those that are next, first.
pub async fn list(db: &Db, limit: i64) -> Result<Vec<Row>, DbError> {
    let sql = format!("{SELECT} ORDER BY schedule.next_at, workflow.name, schedule.number LIMIT $1");
    on_db!(db, c => sqlx::query_as(&sql).bind(limit).fetch_all(c).await)
}

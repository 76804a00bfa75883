//! Dead letters: runs that could not be brought to an end.

use chrono::{DateTime, Utc};
use domain::ids::{RunId, WorkflowId};
use domain::run::DeadReason;

use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, run_tx};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeadLetter {
    pub run_id: RunId,
    pub workflow_id: WorkflowId,
    pub reason: DeadReason,
    /// Empty if it was between two steps.
    pub step: String,
    pub error: String,
    pub attempts: i64,
    pub at: DateTime<Utc>,
}

pub async fn bury(tx: &mut Tx, letters: &[&DeadLetter]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        letters,
        "INSERT INTO dead_letter (run_id, workflow_id, reason, step, error, attempts, at)",
        7,
        |query, letter| query
            .bind(letter.run_id)
            .bind(letter.workflow_id)
            .bind(letter.reason)
            .bind(&letter.step)
            .bind(&letter.error)
            .bind(letter.attempts)
            .bind(letter.at)
    )
}

/// The run is tried again; its history remembers.
pub async fn unbury(tx: &mut Tx, run: RunId) -> Result<bool, DbError> {
    let gone = run_tx!(*tx, sqlx::query("DELETE FROM dead_letter WHERE run_id = $1").bind(run))?;
    Ok(gone > 0)
}

pub async fn dead_letter(db: &Db, run: RunId) -> Result<Option<DeadLetter>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM dead_letter WHERE run_id = $1").bind(run).fetch_optional(c).await)
}

/// The newest runs first, older than the given one.
pub async fn dead_letters(
    db: &Db,
    workflow: Option<WorkflowId>,
    before: Option<RunId>,
    limit: i64,
) -> Result<Vec<DeadLetter>, DbError> {
    let before = before.map_or(uuid::Uuid::max(), |run| run.0);
    match workflow {
        Some(workflow) => on_db!(db, c => sqlx::query_as(
            "SELECT * FROM dead_letter WHERE workflow_id = $1 AND run_id < $2 ORDER BY run_id DESC LIMIT $3"
        ).bind(workflow).bind(before).bind(limit).fetch_all(c).await),
        None => on_db!(db, c => sqlx::query_as(
            "SELECT * FROM dead_letter WHERE run_id < $1 ORDER BY run_id DESC LIMIT $2"
        ).bind(before).bind(limit).fetch_all(c).await),
    }
}

//! Dead letters: runs that could not be brought to an end.

use chrono::{DateTime, Utc};
use domain::ids::{RunId, WorkflowId};
use domain::run::DeadReason;

use crate::db::rows::{insert_rows, places, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::on_db;

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

impl DeadLetter {
    /// Of a run that cannot go on, through no fault of a step of it.
    pub const fn between_steps(
        run_id: RunId,
        workflow_id: WorkflowId,
        error: String,
        at: DateTime<Utc>,
    ) -> Self {
        Self { run_id, workflow_id, reason: DeadReason::Faulty, step: String::new(), error, attempts: 0, at }
    }
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

/// Runs are tried again; their histories remember.
pub async fn unbury(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        runs,
        |count| format!("DELETE FROM dead_letter WHERE run_id IN ({})", places(count)),
        |sql| sqlx::query(&sql),
        |query, run| query.bind(*run)
    )
}

pub async fn dead_letter(db: &Db, run: RunId) -> Result<Option<DeadLetter>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM dead_letter WHERE run_id = $1").bind(run).fetch_optional(c).await)
}

/// The newest runs first, older than the given one.
pub async fn dead_letters(
    db: &Db,
    workflow: Option<WorkflowId>,
    reason: Option<DeadReason>,
    before: Option<RunId>,
    limit: i64,
) -> Result<Vec<DeadLetter>, DbError> {
    let before = before.unwrap_or(RunId(uuid::Uuid::max()));
    // Only the conditions in use are in the text, so that the planner can take the index that fits.
    let of_workflow = if workflow.is_some() { " AND workflow_id = $3" } else { "" };
    let for_reason = if reason.is_some() { " AND reason = $4" } else { "" };
    let sql = format!(
        "SELECT * FROM dead_letter WHERE run_id < $1{of_workflow}{for_reason} ORDER BY run_id DESC LIMIT $2"
    );
    on_db!(db, c => sqlx::query_as(&sql).bind(before).bind(limit).bind(workflow).bind(reason).fetch_all(c).await)
}

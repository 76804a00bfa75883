//! Workflows whose runs are not gone on with.

use chrono::{DateTime, Utc};
use domain::ids::WorkflowId;
use domain::workflow::WorkflowName;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, run_tx};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Pause {
    pub workflow_id: WorkflowId,
    pub workflow: WorkflowName,
    pub title: String,
    pub at: DateTime<Utc>,
    pub by_name: String,
    /// Empty if nothing was said.
    pub why: String,
}

/// `false` if it is paused already.
pub async fn pause(
    tx: &mut Tx,
    workflow: WorkflowId,
    at: DateTime<Utc>,
    by: &str,
    why: &str,
) -> Result<bool, DbError> {
    let paused = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pause (workflow_id, at, by_name, why) VALUES ($1, $2, $3, $4) ON CONFLICT (workflow_id) DO NOTHING"
        )
        .bind(workflow)
        .bind(at)
        .bind(by)
        .bind(why)
    )?;
    Ok(paused > 0)
}

/// `false` if it is not paused.
pub async fn resume(tx: &mut Tx, workflow: WorkflowId) -> Result<bool, DbError> {
    let resumed = run_tx!(*tx, sqlx::query("DELETE FROM pause WHERE workflow_id = $1").bind(workflow))?;
    Ok(resumed > 0)
}

pub async fn pauses(db: &Db) -> Result<Vec<Pause>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT pause.*, workflow.name AS workflow, workflow.title FROM pause \
         JOIN workflow ON workflow.id = pause.workflow_id ORDER BY pause.at"
    ).fetch_all(c).await)
}

/// Makes some of the runs of a workflow due at that time that would be due later, before the other; answers with how many. Those that wait for something
/// else find that out.
pub async fn hurry(
    tx: &mut Tx,
    workflow: WorkflowId,
    at: DateTime<Utc>,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE task SET run_at = $2 WHERE run_id IN (SELECT task.run_id FROM task JOIN run ON run.id = task.run_id \
             WHERE task.state = 'pending' AND task.run_at > $2 AND task.run_at <= $3 AND run.workflow_id = $1 LIMIT $4) \
             AND state = 'pending'"
        )
        .bind(workflow)
        .bind(at)
        .bind(before)
        .bind(limit)
    )
}

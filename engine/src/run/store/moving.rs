//! Runs that are moved to another version of their workflow.

use chrono::{DateTime, Utc};
use domain::ids::{RunId, WorkflowId};

use super::task::hold_tasks;
use crate::artifact;
use crate::db::rows::{fetch_portions, places, run_portions, values, values_after};
use crate::db::{Db, DbError, Tx};
use crate::on_db;

/// A run that has not ended, as whoever wants to move it needs it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Movable {
    pub id: RunId,
    pub version: i64,
    pub input: String,
    pub created_at: DateTime<Utc>,
    /// Whether a worker has it.
    pub taken: bool,
}

/// What it is from then on.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    pub run_id: RunId,
    pub version: i64,
    pub priority: i64,
    pub deadline: Option<DateTime<Utc>>,
}

/// Runs of a workflow that have not ended and are on other versions than this, each with its version: the newest first,
/// older than the given one.
pub async fn elsewhere(
    db: &Db,
    workflow: WorkflowId,
    version: i64,
    before: Option<RunId>,
    limit: usize,
) -> Result<Vec<(RunId, i64)>, DbError> {
    // One list of each state, by the index that begins with them.
    let of_state = |state: &str| {
        format!(
            "SELECT id, version FROM (SELECT id, version FROM run WHERE workflow_id = $1 AND state = '{state}' \
             AND version <> $2 AND id < $3 ORDER BY id DESC LIMIT $4) AS {state}"
        )
    };
    let open = ["pending", "running", "needs_review"].map(of_state).join(" UNION ALL ");
    let sql = format!("SELECT id, version FROM ({open}) AS unfinished ORDER BY id DESC LIMIT $4");
    let before = before.unwrap_or(RunId(uuid::Uuid::max()));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    on_db!(db, c => sqlx::query_as(&sql).bind(workflow).bind(version).bind(before).bind(limit).fetch_all(c).await)
}

/// Those of the runs that have not ended. None of them is claimed by anybody until the transaction ends.
pub async fn hold_movable(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Movable>, DbError> {
    hold_tasks(tx, runs.iter().copied()).await?;
    let mut movable = fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "SELECT run.id, run.version, run.input, run.created_at, task.state = 'running' AS taken \
             FROM task JOIN run ON run.id = task.run_id WHERE task.run_id IN ({}) ORDER BY run.id",
            places(count)
        ),
        |sql| sqlx::query_as::<_, Movable>(&sql),
        |query, run| query.bind(*run)
    )?;
    artifact::bring_back(tx, movable.iter_mut().map(|run| &mut run.input).collect()).await?;
    Ok(movable)
}

/// They are looked at anew: another version may have something to do at once.
pub async fn move_tasks(tx: &mut Tx, moved: &[Moved], at: DateTime<Utc>) -> Result<(), DbError> {
    run_portions!(
        *tx,
        moved,
        |count| format!(
            "UPDATE task SET priority = said.column2, deadline = said.column3, \
             run_at = CASE WHEN run_at > $1 THEN $1 ELSE run_at END \
             FROM (VALUES {}) AS said WHERE task.run_id = said.column1",
            values_after(1, count, 3)
        ),
        |sql| sqlx::query(&sql).bind(at),
        |query, run| query.bind(run.run_id).bind(run.priority).bind(run.deadline)
    )
}

pub async fn move_runs(tx: &mut Tx, moved: &[Moved]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        moved,
        |count| format!(
            "UPDATE run SET version = said.column2, priority = said.column3 FROM (VALUES {}) AS said \
             WHERE run.id = said.column1",
            values(count, 3)
        ),
        |sql| sqlx::query(&sql),
        |query, run| query.bind(run.run_id).bind(run.version).bind(run.priority)
    )
}

//! Runs that are made for the elements of a list.

use chrono::{DateTime, Utc};
use domain::ids::RunId;
use domain::run::RunState;
use domain::workflow::StepName;

use crate::artifact;
use crate::db::rows::{fetch_portions, places, places_after, run_portions, values};
use crate::db::{Db, DbError, Tx};
use crate::on_db;

/// The run of an element, as the run it belongs to knows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Child {
    pub id: RunId,
    pub parent_id: RunId,
    pub parent_step: StepName,
    pub parent_place: i64,
    pub state: RunState,
    pub error: Option<String>,
}

const COLUMNS: &str = "id, parent_id, parent_step, parent_place, state, error";

/// Says of runs that were just made to whom they belong.
pub async fn adopt(tx: &mut Tx, children: &[&Child]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        children,
        |count| format!(
            "UPDATE run SET parent_id = said.column2, parent_step = said.column3, parent_place = said.column4, \
             parent_current = TRUE FROM (VALUES {}) AS said WHERE run.id = said.column1",
            values(count, 4)
        ),
        |sql| sqlx::query(&sql),
        |query, child| query
            .bind(child.id)
            .bind(child.parent_id)
            .bind(&child.parent_step)
            .bind(child.parent_place)
    )
}

/// All that count for these runs.
pub async fn children_of(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Child>, DbError> {
    fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "SELECT {COLUMNS} FROM run WHERE parent_current AND parent_id IN ({})",
            places(count)
        ),
        |sql| sqlx::query_as(&sql),
        |query, run| query.bind(*run)
    )
}

/// All that count for a run now.
pub async fn children_now(db: &Db, run: RunId) -> Result<Vec<Child>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM run WHERE parent_current AND parent_id = $1");
    on_db!(db, c => sqlx::query_as(&sql).bind(run).fetch_all(c).await)
}

/// What the run of an element has come to by now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ChildNow {
    pub id: RunId,
    pub state: RunState,
    /// JSON.
    pub output: Option<String>,
}

/// What those of a step came to.
pub async fn outputs_of_children(db: &Db, run: RunId, step: &StepName) -> Result<Vec<ChildNow>, DbError> {
    let mut now: Vec<ChildNow> = on_db!(db, c => sqlx::query_as(
        "SELECT id, state, output FROM run WHERE parent_current AND parent_id = $1 AND parent_step = $2"
    ).bind(run).bind(step).fetch_all(c).await)?;
    artifact::bring_back_now(db, now.iter_mut().filter_map(|one| one.output.as_mut()).collect()).await?;
    Ok(now)
}

/// Those of a run, the first of the list first.
pub async fn children(db: &Db, run: RunId, limit: i64) -> Result<Vec<Child>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM run WHERE parent_current AND parent_id = $1 ORDER BY parent_step, parent_place LIMIT $2"
    );
    on_db!(db, c => sqlx::query_as(&sql).bind(run).bind(limit).fetch_all(c).await)
}

/// Those that have not ended, of a run that has: nobody needs them any more.
pub async fn orphans(db: &Db, run: RunId, limit: i64) -> Result<Vec<RunId>, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT id FROM run WHERE parent_current AND parent_id = $1 AND state IN ('pending', 'running', 'needs_review') \
         LIMIT $2"
    ).bind(run).bind(limit).fetch_all(c).await)
}

/// Steps that have sent elements through begin to wait anew when their runs are tried again.
pub async fn forget_waits_for_children(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        runs,
        |count| format!(
            "DELETE FROM run_wait WHERE run_id IN ({}) AND EXISTS (SELECT 1 FROM run AS child \
             WHERE child.parent_current AND child.parent_id = run_wait.run_id AND child.parent_step = run_wait.step)",
            places(count)
        ),
        |sql| sqlx::query(&sql),
        |query, run| query.bind(*run)
    )
}

/// To whom these runs belong, if to others.
pub async fn parents_of(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<RunId>, DbError> {
    fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "SELECT DISTINCT parent_id FROM run WHERE parent_id IS NOT NULL AND id IN ({})",
            places(count)
        ),
        |sql| sqlx::query_scalar::<_, RunId>(&sql),
        |query, run| query.bind(*run)
    )
}

/// Runs have ended that others wait for: whoever has them finds out, and if nobody has them, they are due now.
pub async fn wake_parents(tx: &mut Tx, parents: &[RunId], at: DateTime<Utc>) -> Result<(), DbError> {
    let mut in_order = parents.to_vec();
    in_order.sort();
    in_order.dedup();
    run_portions!(
        *tx,
        &in_order,
        |count| format!(
            "UPDATE task SET signals = signals + 1, \
             run_at = CASE WHEN state = 'pending' AND run_at > $1 THEN $1 ELSE run_at END WHERE run_id IN ({})",
            places_after(1, count)
        ),
        |sql| sqlx::query(&sql).bind(at),
        |query, run| query.bind(*run)
    )
}

/// These steps of a run are done again, and so is all they have sent through.
pub async fn forget_children(tx: &mut Tx, run: RunId, steps: &[StepName]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        steps,
        |count| format!(
            "UPDATE run SET parent_current = FALSE WHERE parent_current AND parent_id = $1 AND parent_step IN ({})",
            places_after(1, count)
        ),
        |sql| sqlx::query(&sql).bind(run),
        |query, step| query.bind(step)
    )
}

/// What did not succeed is sent through anew when its run is tried again; what did is known.
pub async fn forget_failed_children(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        runs,
        |count| format!(
            "UPDATE run SET parent_current = FALSE WHERE parent_current AND state IN ('failed', 'cancelled') \
             AND parent_id IN ({})",
            places(count)
        ),
        |sql| sqlx::query(&sql),
        |query, run| query.bind(*run)
    )
}

//! Forgetting runs that have ended long ago.

use chrono::{DateTime, Utc};
use domain::ids::{RunId, WorkflowId};
use domain::run::RunState;

use crate::artifact;
use crate::db::rows::{fetch_portions, places, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::on_db;
use crate::run::look::first_id;

/// How many are forgotten in one transaction.
const AT_ONCE: i64 = 256;

/// What was given up stays until somebody has decided about it, what others have not been told yet until they have, and
/// elements as long as the run they belong to.
const NOBODY_NEEDS_IT: &str = "NOT EXISTS (SELECT 1 FROM dead_letter WHERE dead_letter.run_id = run.id) \
     AND NOT EXISTS (SELECT 1 FROM message WHERE message.run_id = run.id AND message.state = 'pending') \
     AND (parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM run AS parent WHERE parent.id = run.parent_id))";

/// What goes with a run, and at last the run itself; `{}` stands for the runs. What people have decided is kept: others learn
/// from it.
const WITH_IT: [&str; 9] = [
    "DELETE FROM attempt WHERE run_id IN ({})",
    "DELETE FROM run_event WHERE run_id IN ({})",
    "DELETE FROM run_signal WHERE run_id IN ({})",
    "DELETE FROM run_wait WHERE run_id IN ({})",
    "DELETE FROM errand WHERE run_id IN ({})",
    "DELETE FROM delivery WHERE message_id IN (SELECT id FROM message WHERE run_id IN ({}))",
    "DELETE FROM message WHERE run_id IN ({})",
    "DELETE FROM review WHERE state <> 'decided' AND run_id IN ({})",
    "DELETE FROM run WHERE id IN ({})",
];

/// Some of the runs of a workflow that ended like that before then and are needed by nobody, behind the given one. Looked for
/// outside of any transaction: where many are kept, that takes time.
pub async fn forgettable(
    db: &Db,
    workflow: WorkflowId,
    state: RunState,
    before: DateTime<Utc>,
    behind: RunId,
) -> Result<Vec<RunId>, DbError> {
    let sql = format!(
        "SELECT id FROM run WHERE workflow_id = $1 AND state = $2 AND id > $3 AND id < $4 AND finished_at < $5 \
         AND {NOBODY_NEEDS_IT} ORDER BY id LIMIT $6"
    );
    on_db!(db, c => sqlx::query_scalar(&sql)
        .bind(workflow).bind(state).bind(behind).bind(first_id(before)).bind(before).bind(AT_ONCE).fetch_all(c).await)
}

/// Forgets those of the runs that are needed by nobody still; answers with how many. One that somebody just has tried again is
/// passed over.
pub async fn forget(tx: &mut Tx, runs: &[RunId]) -> Result<usize, DbError> {
    let but_not_taken = tx.skip_locked();
    let runs = fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "SELECT id FROM run WHERE id IN ({}) AND finished_at IS NOT NULL AND {NOBODY_NEEDS_IT}{but_not_taken}",
            places(count)
        ),
        |sql| sqlx::query_scalar::<_, RunId>(&sql),
        |query, run| query.bind(*run)
    )?;
    for statement in WITH_IT {
        run_portions!(
            *tx,
            &runs,
            |count| statement.replace("{}", &places(count)),
            |sql| sqlx::query(&sql),
            |query, run| query.bind(*run)
        )?;
    }
    artifact::forget(tx, &runs).await?;
    Ok(runs.len())
}

//! Forgetting runs that have ended long ago.

use chrono::{DateTime, Utc};
use domain::ids::{RunId, WorkflowId};
use domain::run::RunState;

use crate::db::rows::{places, run_portions};
use crate::db::{DbError, Tx};
use crate::on_tx;
use crate::run::look::first_id;

/// How many of a state are forgotten in one transaction.
const AT_ONCE: i64 = 256;

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

/// Forgets some of the runs of a workflow that ended before then; answers with how many. What was given up stays until
/// somebody has decided about it, what others have not been told yet until they have, and elements as long as the run they
/// belong to.
pub async fn forget(tx: &mut Tx, workflow: WorkflowId, before: DateTime<Utc>) -> Result<usize, DbError> {
    // Somebody may just have one of them tried again: it is passed over.
    let sql = format!(
        "SELECT id FROM run WHERE workflow_id = $1 AND state = $2 AND id < $3 AND finished_at < $4 \
         AND NOT EXISTS (SELECT 1 FROM dead_letter WHERE dead_letter.run_id = run.id) \
         AND NOT EXISTS (SELECT 1 FROM message WHERE message.run_id = run.id AND message.state = 'pending') \
         AND (parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM run AS parent WHERE parent.id = run.parent_id)) \
         ORDER BY id LIMIT $5{}",
        tx.skip_locked()
    );
    let mut all = 0;
    for state in RunState::ALL.iter().filter(|state| state.is_final()) {
        let runs: Vec<RunId> = on_tx!(*tx, c => sqlx::query_scalar(&sql)
            .bind(workflow).bind(*state).bind(first_id(before)).bind(before).bind(AT_ONCE).fetch_all(c).await)?;
        all += runs.len();
        for statement in WITH_IT {
            run_portions!(
                *tx,
                &runs,
                |count| statement.replace("{}", &places(count)),
                |sql| sqlx::query(&sql),
                |query, run| query.bind(*run)
            )?;
        }
    }
    Ok(all)
}

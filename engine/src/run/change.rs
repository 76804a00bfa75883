//! Changing runs, one or many, within a transaction: what they become, what their histories say, what the audit log says.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::audit::{Action, Thing};
use domain::ids::RunId;
use domain::run::RunState;
use serde_json::json;

use super::store::{self, Ending, Event, Held, Lease, NewTask};
use super::tally::Tally;
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record_all};
use crate::db::Tx;
use crate::errand;
use crate::review;

/// What the history of a run says that is tried again without a word about the step.
pub const FROM_WHERE_IT_WAS: &str = "Tried again from where it had come to.";

/// What is written down about a change.
pub struct Note<'a> {
    pub action: Action,
    /// A word for it in the run's own history, and a sentence.
    pub kind: &'static str,
    pub detail: &'a str,
    /// What the runs are from then on; nothing if they stay what they are.
    pub becomes: Option<RunState>,
}

/// Cancels those of the runs that have not ended. Answers with them, as they were.
pub async fn cancel(tx: &mut Tx, act: &Act, runs: &[RunId]) -> Result<Vec<Held>, Error> {
    let withdrawn = withdraw(tx, runs).await?;
    cancel_withdrawn(tx, act, &withdrawn).await
}

/// Takes runs that have not ended away from whoever has them: the first part of cancelling them.
pub async fn withdraw(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Lease>, Error> {
    // With those of the runs they belong to, which are told: all in one order.
    let parents = store::parents_of(tx, runs).await?;
    if !parents.is_empty() {
        store::hold_tasks(tx, runs.iter().copied().chain(parents)).await?;
    }
    Ok(store::withdraw(tx, runs).await?)
}

/// The rest of it. Answers with the runs, as they were.
pub async fn cancel_withdrawn(tx: &mut Tx, act: &Act, withdrawn: &[Lease]) -> Result<Vec<Held>, Error> {
    let ids: Vec<_> = withdrawn.iter().map(|lease| lease.run_id).collect();
    let held = store::hold_runs(tx, &ids).await?;
    let endings: Vec<_> = withdrawn
        .iter()
        .map(|lease| Ending {
            run_id: lease.run_id,
            lease_epoch: lease.lease_epoch,
            state: RunState::Cancelled,
            output: None,
            error: Some(format!("Cancelled by {}.", act.author().1)),
        })
        .collect();
    let at = tx.clock(&act.world).await?;
    store::end(tx, &endings, at).await?;
    let parents: Vec<_> = held.iter().filter_map(|run| run.parent_id).collect();
    store::wake_parents(tx, &parents, at).await?;
    review::withdraw(tx, &ids).await?;
    errand::withdraw(tx, &ids).await?;
    let mut tally = Tally::default();
    for run in &held {
        tally.run(run.workflow_id, RunState::Cancelled, run.created_at, at);
    }
    tally.write(tx, "people").await?;
    let note = Note {
        action: Action::RunCancelled,
        kind: "cancelled",
        detail: "Cancelled.",
        becomes: Some(RunState::Cancelled),
    };
    write_down(tx, act, &held, &note).await?;
    Ok(held)
}

/// Has runs that have ended go on. What failed is tried as often as at first.
pub async fn retry(tx: &mut Tx, act: &Act, ended: &[Held], detail: &str) -> Result<(), Error> {
    let ids: Vec<_> = ended.iter().map(|run| run.id).collect();
    store::forget_failed_waits(tx, &ids).await?;
    review::forget_failed(tx, &ids).await?;
    errand::forget_failed(tx, &ids).await?;
    store::forget_waits_for_children(tx, &ids).await?;
    store::forget_failed_children(tx, &ids).await?;
    store::forget_failures(tx, &ids).await?;
    store::reopen(tx, &ids).await?;
    store::unbury(tx, &ids).await?;
    let signals: HashMap<RunId, i64> = store::count_signals(tx, &ids).await?.into_iter().collect();
    let run_at = tx.clock(&act.world).await?;
    let tasks: Vec<_> = ended
        .iter()
        .map(|run| NewTask {
            run_id: run.id,
            priority: run.priority,
            run_at,
            lease_epoch: run.lease_epoch,
            signals: signals.get(&run.id).copied().unwrap_or_default(),
            // Somebody has decided that it goes on.
            deadline: None,
        })
        .collect();
    store::enqueue(tx, &tasks).await?;
    let note = Note { action: Action::RunRetried, kind: "retried", detail, becomes: Some(RunState::Pending) };
    write_down(tx, act, ended, &note).await
}

/// Something has come that a run may wait for: if nobody has it, it is due now. Answers whether it has not ended.
pub async fn wake(tx: &mut Tx, run: RunId, at: DateTime<Utc>) -> Result<bool, Error> {
    let open = store::signal(tx, run, at).await?;
    store::needs_review_no_more(tx, run).await?;
    Ok(open)
}

/// Writes a change into the histories of the runs and into the audit log: the last thing before the commit.
pub async fn write_down(tx: &mut Tx, act: &Act, runs: &[Held], note: &Note<'_>) -> Result<(), Error> {
    let event = |run: &Held| Event {
        run_id: run.id,
        id: act.world.id(),
        at: act.at,
        kind: note.kind.to_owned(),
        actor_name: act.author().1,
        detail: note.detail.to_owned(),
    };
    store::insert_events(tx, &runs.iter().map(event).collect::<Vec<_>>()).await?;
    let entries: Vec<_> = runs
        .iter()
        .map(|run| Entry {
            action: note.action,
            thing: Thing::Run,
            thing_id: run.id.to_string(),
            thing_name: run.workflow.as_str(),
            before: Some(json!({ "state": run.state })),
            after: Some(json!({ "state": note.becomes.unwrap_or(run.state) })),
        })
        .collect();
    record_all(tx, act, &entries).await
}

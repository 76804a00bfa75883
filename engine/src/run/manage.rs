//! What somebody decides about a run: to cancel it, to have it tried again, to start it over, to say something to it.
//!
//! Whoever needs the task and the run of a run takes the task first, as the workers do, so that nobody waits in a circle.

use domain::Fault;
use domain::audit::Action;
use domain::ids::RunId;
use domain::people::Permission;
use domain::run::RunState;
use domain::workflow::{Definition, Graph, SignalName, StepName};
use serde_json::Value;

use super::Runs;
use super::change::{self, Note};
use super::look::no_such_run;
use super::store::{self, Fresh, Held, Signal};
use crate::Error;
use crate::act::Act;
use crate::db::Tx;
use crate::errand;
use crate::review;

/// How many runs of elements are ended in one transaction.
const MOST_ORPHANS: i64 = 1_000;

impl Runs {
    /// Ends a run that has not ended. Whoever works on it finds that what it reaches is stale.
    pub async fn cancel(&self, act: &Act, id: RunId) -> Result<(), Error> {
        act.need(Permission::ManageRuns)?;
        let mut tx = self.db.begin().await?;
        if change::cancel(&mut tx, act, &[id]).await?.is_empty() {
            let run = hold(&mut tx, id).await?;
            return Err(has_ended(&run).into());
        }
        tx.commit().await?;
        self.cancel_orphans(act, &[id]).await
    }

    /// Ends the runs of elements that nobody waits for any more. Not in one transaction with those that do: whoever ends one of
    /// them takes the tasks the other way round.
    pub(super) async fn cancel_orphans(&self, act: &Act, ended: &[RunId]) -> Result<(), Error> {
        let mut ended = ended.to_vec();
        while let Some(parent) = ended.last().copied() {
            let orphans = store::orphans(&self.db, parent, MOST_ORPHANS).await?;
            if orphans.is_empty() {
                ended.pop();
                continue;
            }
            let mut tx = self.db.begin().await?;
            let withdrawn = change::withdraw(&mut tx, &orphans).await?;
            // Somebody may have had it tried again meanwhile, and it needs them after all.
            let parents = store::hold_runs(&mut tx, &[parent]).await?;
            let still_ended = parents.first().is_some_and(|run| run.state.is_final());
            if withdrawn.is_empty() || !still_ended {
                ended.pop();
                continue;
            }
            change::cancel_withdrawn(&mut tx, act, &withdrawn).await?;
            tx.commit().await?;
            // Theirs, too; and then what there was no room for.
            ended.extend(withdrawn.iter().map(|lease| lease.run_id));
        }
        Ok(())
    }

    /// Has a run that has ended go on: from where it failed, or from a step that is to be done again with all that
    /// follow it. What was found before is kept.
    pub async fn retry(&self, act: &Act, id: RunId, from: Option<&str>) -> Result<(), Error> {
        act.need(Permission::ManageRuns)?;
        // Before the transaction: it would need a second connection while it holds one.
        let before = store::run(&self.db, id).await?.ok_or_else(no_such_run)?;
        let prepared = self.library.version(before.workflow_id, before.version).await?;
        let mut tx = self.db.begin().await?;
        let run = hold(&mut tx, id).await?;
        if !run.state.is_final() {
            return Err(Fault::conflict("This run has not ended. Cancel it first.").into());
        }
        let detail = match from {
            Some(from) => {
                let steps = again(prepared.definition(), from)?;
                store::supersede(&mut tx, id, &steps).await?;
                store::forget_waits(&mut tx, id, &steps).await?;
                review::forget(&mut tx, id, &steps).await?;
                errand::forget(&mut tx, id, &steps).await?;
                store::forget_children(&mut tx, id, &steps).await?;
                format!("Tried again from the step {from}.")
            }
            None if run.state == RunState::Success => {
                let message = "This run succeeded. Say from which step it is to go again.";
                return Err(Fault::field("from", message).into());
            }
            None => change::FROM_WHERE_IT_WAS.to_owned(),
        };
        match change::retry(&mut tx, act, &[run], &detail).await {
            Err(Error::Database(error)) if error.is_taken() => {
                return Err(Fault::conflict(
                    "There is to be one run of its kind at a time, and another has not ended. Wait for it, or cancel it.",
                )
                .into());
            }
            retried => retried?,
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }

    /// Says something to a run that has not ended. It is kept until a step waits for it, if none does now. Each name can
    /// be said once; again with the same payload it changes nothing.
    pub async fn signal(&self, act: &Act, id: RunId, name: &str, payload: &Value) -> Result<(), Error> {
        act.need(Permission::StartRuns)?;
        let name = SignalName::parse(name).map_err(|wrong| Fault::field("name", wrong.to_string()))?;
        let mut tx = self.db.begin().await?;
        let at = tx.clock(&act.world).await?;
        let open = change::wake(&mut tx, id, at).await?;
        let run = hold(&mut tx, id).await?;
        let signal = Signal {
            run_id: id,
            name: name.clone(),
            payload: serde_json::to_string(payload)?,
            sent_by: act.author().1,
            sent_at: at,
        };
        if !store::insert_signal(&mut tx, &signal).await? {
            let before = store::signals_of(&mut tx, &[id]).await?;
            if before.iter().any(|before| before.name == name && before.payload == signal.payload) {
                return Ok(());
            }
            let message = format!("The signal {name} was sent to this run before, with another payload.");
            return Err(Fault::conflict(message).into());
        }
        if !open {
            return Err(has_ended(&run).into());
        }
        let detail = format!("The signal {name} came.");
        let note = Note { action: Action::RunSignalled, kind: "signalled", detail: &detail, becomes: None };
        change::write_down(&mut tx, act, &[run], &note).await?;
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }

    /// Starts a new run with the input of an earlier one, by the newest version of its workflow.
    pub async fn rerun(&self, act: &Act, id: RunId) -> Result<RunId, Error> {
        act.need(Permission::StartRuns)?;
        let run = store::whole_run(&self.db, id).await?.ok_or_else(no_such_run)?;
        let name = self.library.version(run.workflow_id, run.version).await?.definition().name.clone();
        let (workflow, prepared) = self.library.newest(&name).await?.ok_or_else(no_such_run)?;
        let input: Value = serde_json::from_str(&run.input)?;
        let faults = prepared.faults_of(&input);
        if !faults.is_empty() {
            let message = format!(
                "The input of this run does not fit the schema of the newest version ({}) of {name}.",
                workflow.version
            );
            return Err(Fault::misfit("input", faults, message).into());
        }
        let single = prepared.single(&input).map_err(|why| Fault::field("input", why))?;
        let fresh = Fresh {
            origin_id: Some(id),
            project_id: run.project_id,
            single,
            ..Fresh::of(act, &workflow, &prepared, run.input)
        };
        let mut tx = self.db.begin().await?;
        let at = tx.clock(&act.world).await?;
        let task = fresh.task(at);
        let new = fresh.id;
        if store::insert_runs(&mut tx, &[fresh], &act.author().1, at).await?.is_empty() {
            let message = "There is to be one of these runs at a time, and another has not ended.";
            return Err(Fault::conflict(message).into());
        }
        store::enqueue(&mut tx, &[task]).await?;
        let before = hold(&mut tx, id).await?;
        let detail = format!("Started over as {new}.");
        let note = Note { action: Action::RunRerun, kind: "rerun", detail: &detail, becomes: None };
        change::write_down(&mut tx, act, &[before], &note).await?;
        tx.commit().await?;
        self.bell.ring();
        Ok(new)
    }
}

async fn hold(tx: &mut Tx, id: RunId) -> Result<Held, Error> {
    Ok(store::hold_runs(tx, &[id]).await?.pop().ok_or_else(no_such_run)?)
}

fn has_ended(run: &Held) -> Fault {
    if run.state.is_final() {
        let message = format!("This run has ended already: {}.", run.state.label().to_lowercase());
        return Fault::conflict(message);
    }
    Fault::conflict("Somebody else has just changed this run. Look at it again.")
}

/// A step with all that follow it.
fn again(definition: &Definition, from: &str) -> Result<Vec<StepName>, Fault> {
    let from = definition.steps.iter().find(|step| step.name.as_str() == from).ok_or_else(|| {
        Fault::field("from", format!("There is no step “{from}” in this version of the workflow."))
    })?;
    if let Some(stood_in_for) = definition.stood_in_for(&from.name) {
        let message = format!(
            "“{}” is done in the place of “{}”. Try again from that one.",
            from.name, stood_in_for.name
        );
        return Err(Fault::field("from", message));
    }
    let follows = |step: &&domain::workflow::Step| {
        step.name == from.name || Graph::before(definition, step).contains(&from.name)
    };
    Ok(definition.steps.iter().filter(follows).map(|step| step.name.clone()).collect())
}

//! Steps that send each element of a list through another workflow.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::RunId;
use domain::run::RunState;
use domain::workflow::StepName;
use serde_json::{Value, json};
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

use super::{Beginning, Beside, Drive};
use crate::Error;
use crate::db::DbError;
use crate::run::ledger::{Sub, may_pass};
use crate::run::store::{self, Child, ChildNow, Fresh, Waits};
use crate::run::worker::AFTER_TROUBLE;
use crate::workflow::{Ended, Outcome, PreparedMap};

/// While others are asked, how elements fare is looked at so often.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Drive {
    /// Learns how the elements fare, if that was some time ago: whoever ends one tells the task, and not whoever has it.
    pub(super) async fn look_after_elements(&mut self) {
        if !self.way.has_children_under_way() || self.elements_seen.elapsed() < LOOK_EVERY {
            return;
        }
        self.elements_seen = Instant::now();
        match store::children_now(&self.tools.runs.db, self.lease.run_id).await {
            Ok(children) => children.into_iter().for_each(|child| self.way.send_through(child)),
            Err(error) => {
                tracing::warn!(%error, run = %self.lease.run_id, "it cannot be seen how elements fare");
            }
        }
    }

    /// Sends as many through as there may be at once, and ends when all have ended or there is no more time.
    pub(super) async fn map(
        &mut self,
        beginning: Beginning,
        prepared: &Arc<PreparedMap>,
    ) -> Result<(), Error> {
        let step = beginning.step.clone();
        let now = self.way.now(self.tools.clock.now());
        let known = self.way.waits(&step);
        let elements = match self.elements(prepared, known.is_none()) {
            Ok(elements) => elements,
            Err(because) => return self.reach(beginning, Outcome::faulty(because), Beside::default()),
        };
        let all = elements.len();
        let (since, until) = known.unwrap_or((now, now + prepared.map().within.duration()));
        let begun = Beginning { started_at: since, due_at: since.min(beginning.due_at), ..beginning };
        let ended = self.way.children(&step).values().filter(|child| child.state.is_final()).count();
        if ended == all {
            let Some(ended) = self.endings(&step).await? else { return Ok(()) };
            let beside = Beside::from(json!({ "workflow": prepared.map().workflow, "elements": all }));
            return self.reach(begun, prepared.outcome(&ended), beside);
        }
        if until <= now {
            return self.reach(begun, prepared.late(ended, all), Beside::default());
        }
        if let Err(because) = self.send_elements(&step, prepared, elements, ended) {
            return self.reach(begun, Outcome::faulty(because), Beside::default());
        }
        if known.is_none() {
            self.way.wait(&step, since, until);
            self.waits.push(Waits { run_id: self.lease.run_id, step, signal: None, since, until });
        }
        Ok(())
    }

    /// The list. At first every element of it is looked at: one that does not fit is found before any has begun.
    fn elements(&self, prepared: &PreparedMap, at_first: bool) -> Result<Vec<Value>, String> {
        let known = &self.way.known;
        let look = || {
            let elements = prepared.elements(known)?;
            if at_first {
                for (index, item) in elements.iter().enumerate() {
                    prepared.input(known, index, item)?;
                }
            }
            Ok(elements)
        };
        if self.heavy { block_in_place(look) } else { look() }
    }

    /// Sends those through that are missing, the first of the list first, as long as there is room.
    fn send_elements(
        &mut self,
        step: &StepName,
        prepared: &PreparedMap,
        elements: Vec<Value>,
        ended: usize,
    ) -> Result<(), String> {
        let at_once = usize::try_from(prepared.map().at_once).unwrap_or(1);
        let room = at_once.saturating_sub(self.way.children(step).len() - ended);
        let missing: Vec<_> = (0_i64..)
            .zip(elements)
            .filter(|(place, _)| !self.way.has_child(step, *place))
            .take(room)
            .collect();
        let part = prepared.part();
        let definition = part.prepared.definition();
        for (place, element) in missing {
            let index = usize::try_from(place).unwrap_or_default();
            let input = prepared.input(&self.way.known, index, &element)?;
            let id = RunId(self.tools.world.id());
            let child = Child {
                id,
                parent_id: self.lease.run_id,
                parent_step: step.clone(),
                parent_place: place,
                state: RunState::Pending,
                error: None,
            };
            let fresh = Fresh {
                id,
                workflow_id: part.id,
                version: part.version,
                priority: definition.priority.rank(),
                key: None,
                input_hash: None,
                input: input.to_string(),
                origin_id: None,
                project_id: self.project,
                single: None,
                time: definition.budget.time.map(domain::span::Span::duration),
            };
            self.way.send_through(child.clone());
            self.subs.push(Sub { fresh, child });
        }
        Ok(())
    }

    /// How all have ended. What they came to is read now, and not each time that one of them has ended.
    /// Nothing if somebody has had one tried again meanwhile: it is waited for.
    async fn endings(&mut self, step: &StepName) -> Result<Option<Vec<Ended>>, Error> {
        let now = self.outputs(step).await?;
        let goes_on = |id: RunId| now.iter().find(|one| one.id == id && !one.state.is_final());
        let anew = self.way.children(step).values().filter_map(|child| Some((child, goes_on(child.id)?)));
        let anew: Vec<_> = anew.map(|(child, now)| Child { state: now.state, ..child.clone() }).collect();
        if !anew.is_empty() {
            for child in anew {
                self.way.send_through(child);
            }
            return Ok(None);
        }
        let mut outputs: HashMap<_, _> = now.into_iter().map(|one| (one.id, one.output)).collect();
        let ending = |child: &Child| {
            let succeeded = child.state == RunState::Success;
            let output = outputs.remove(&child.id).flatten().filter(|_| succeeded);
            let error =
                (!succeeded).then(|| child.error.clone().unwrap_or_else(|| child.state.label().to_owned()));
            Ok(Ended { output: output.as_deref().map(serde_json::from_str).transpose()?, error })
        };
        self.way.children(step).values().map(ending).collect::<Result<_, Error>>().map(Some)
    }

    /// A database that is away is waited for, as long as the lease lasts.
    async fn outputs(&self, step: &StepName) -> Result<Vec<ChildNow>, DbError> {
        loop {
            match store::outputs_of_children(&self.tools.runs.db, self.lease.run_id, step).await {
                Err(error) if may_pass(&error) => {
                    tracing::warn!(%error, run = %self.lease.run_id, "what elements came to cannot be read; trying again");
                    sleep(AFTER_TROUBLE).await;
                }
                outputs => return outputs,
            }
        }
    }
}

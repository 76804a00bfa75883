//! Steps that send each element of a list through another workflow.

use std::sync::Arc;

use domain::ids::RunId;
use domain::run::RunState;
use serde_json::json;

use super::{Beginning, Beside, Drive};
use crate::Error;
use crate::run::ledger::Sub;
use crate::run::store::{Child, Fresh, Waits};
use crate::workflow::{Ended, Mapped, PreparedMap};

impl Drive {
    /// Sends as many through as there may be at once, and ends when all have ended or there is no more time.
    pub(super) fn map(
        &mut self,
        beginning: Beginning,
        prepared: &Arc<PreparedMap>,
        elements: Vec<Mapped>,
    ) -> Result<(), Error> {
        let step = beginning.step.clone();
        let all = elements.len();
        let now = self.way.now(self.tools.clock.now());
        let known = self.way.waits(&step);
        let (since, until) = known.unwrap_or((now, now + prepared.map().within.duration()));
        let begun = Beginning { started_at: since, due_at: since.min(beginning.due_at), ..beginning };
        let ended = self.way.children(&step).values().filter(|child| child.state.is_final()).count();
        if ended == all {
            let ended = self.way.children(&step).values().map(ending).collect::<Result<Vec<_>, _>>()?;
            let beside = Beside::from(json!({ "workflow": prepared.map().workflow, "elements": all }));
            return self.reach(begun, prepared.outcome(&ended), beside);
        }
        if until <= now {
            return self.reach(begun, prepared.late(ended, all), Beside::default());
        }
        let at_once = usize::try_from(prepared.map().at_once).unwrap_or(1);
        let under_way = self.way.children(&step).len() - ended;
        let part = prepared.part();
        let definition = part.prepared.definition();
        let missing: Vec<_> =
            (0..).zip(elements).filter(|(place, _)| !self.way.has_child(&step, *place)).collect();
        for (place, element) in missing.into_iter().take(at_once.saturating_sub(under_way)) {
            let id = RunId(self.tools.world.id());
            let child = Child {
                id,
                parent_id: self.lease.run_id,
                parent_step: step.clone(),
                parent_place: place,
                state: RunState::Pending,
                output: None,
                error: None,
            };
            let fresh = Fresh {
                id,
                workflow_id: part.id,
                version: part.version,
                priority: definition.priority.rank(),
                key: None,
                input_hash: None,
                input: element.input.to_string(),
                origin_id: None,
                single: None,
                time: definition.budget.time.map(domain::span::Span::duration),
            };
            self.way.send_through(child.clone());
            self.subs.push(Sub { fresh, child });
        }
        if known.is_none() {
            self.way.wait(&step, since, until);
            self.waits.push(Waits { run_id: self.lease.run_id, step, signal: None, since, until });
        }
        Ok(())
    }
}

fn ending(child: &Child) -> Result<Ended, Error> {
    let succeeded = child.state == RunState::Success;
    let output = child.output.as_deref().filter(|_| succeeded).map(serde_json::from_str).transpose()?;
    let error = (!succeeded).then(|| child.error.clone().unwrap_or_else(|| child.state.label().to_owned()));
    Ok(Ended { output, error })
}

//! Steps that a program of the user does.

use domain::errand::ErrandState;
use domain::ids::ErrandId;
use domain::workflow::Worker;
use serde_json::{Value, json};

use super::{Beginning, Drive};
use crate::Error;
use crate::errand::{Errand, Offered};
use crate::workflow::{Brought, PreparedWorker};

impl Drive {
    pub(super) fn offer(&mut self, beginning: Beginning, worker: &Worker, input: &Value) {
        let now = self.way.now(self.tools.clock.now());
        let definition = self.prepared.definition();
        let offered = Offered {
            id: ErrandId(self.tools.world.id()),
            run_id: self.lease.run_id,
            step: beginning.step,
            number: beginning.number,
            workflow: definition.name.clone(),
            queue: worker.queue.clone(),
            priority: definition.priority.rank(),
            input: input.to_string(),
            offered_at: now,
            until: now + worker.within.duration(),
        };
        self.way.send(Errand::from(&offered));
        self.sent.offered.push(offered);
    }

    /// Goes by what was brought back, or by the clock.
    pub(super) fn brought(
        &mut self,
        beginning: Beginning,
        prepared: &PreparedWorker,
        errand: Errand,
    ) -> Result<(), Error> {
        let now = self.way.now(self.tools.clock.now());
        let back = match errand.state {
            ErrandState::Done => {
                let output = errand.output.as_deref().map(serde_json::from_str).transpose()?;
                Brought::Done { output: output.unwrap_or_default(), confidence: errand.confidence }
            }
            ErrandState::Failed => match errand.mishap {
                Some(mishap) => Brought::Failed { mishap, because: errand.error.clone().unwrap_or_default() },
                None => Brought::Poison,
            },
            _ if now < errand.until => return Ok(()),
            _ => Brought::Late,
        };
        match back {
            Brought::Done { .. } => {}
            Brought::Failed { .. } | Brought::Poison => self.sent.failed.push(errand.id),
            Brought::Late => self.sent.lapsed.push(errand.id),
        }
        let detail = json!({ "errand": errand.id, "queue": errand.queue, "program": errand.worker });
        let offered_at = errand.offered_at;
        let started_at = errand.taken_at.unwrap_or(offered_at).max(offered_at);
        let beginning = Beginning { started_at, due_at: offered_at.min(beginning.due_at), ..beginning };
        self.reach(beginning, prepared.outcome(back), detail.into())
    }
}

//! Steps that tell others something.

use domain::ids::MessageId;
use serde_json::json;

use super::{Beginning, Beside, Drive};
use crate::Error;
use crate::webhook::Written;
use crate::workflow::{Outcome, Told};

impl Drive {
    /// The message is written with the checkpoint; the run does not wait for it to arrive.
    pub(super) fn tell(&mut self, beginning: Beginning, told: Told) -> Result<(), Error> {
        let written_at = self.way.now(self.tools.clock.now());
        let written = Written {
            id: MessageId(self.tools.world.id()),
            run_id: self.lease.run_id,
            step: beginning.step.clone(),
            workflow: self.prepared.definition().name.clone(),
            body: told.body(written_at),
            kind: told.kind,
            url: told.url,
            secret: told.secret,
            written_at,
        };
        let detail = json!({ "message": written.id });
        let output = json!({ "message": format!("msg_{}", written.id.0.simple()) });
        self.told.push(written);
        self.reach(beginning, Outcome::Success { output, confidence: None }, Beside::from(detail))
    }
}

//! Starting what is wanted because something has changed: the consolidation of pay.

use std::time::Duration;

use domain::ids::RunId;
use domain::run::RunState;
use serde_json::json;

use super::{Runs, Start};
use crate::Error;
use crate::act::{Act, Actor};
use crate::job::{AUTHOR, CONSOLIDATION};
use crate::payment;
use crate::world::World;

/// How often to look whether anything has changed.
const LOOK: Duration = Duration::from_millis(400);
/// What could not be done a moment ago can be no more the next one. People look at what has failed meanwhile.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// What was started last.
#[derive(Default)]
pub struct Demand {
    last: Option<RunId>,
}

impl Runs {
    /// Starts the consolidation if there is something to consolidate; one that is under way finds it by itself. Answers
    /// when to look again.
    pub(super) async fn start_wanted(&self, world: &World, demand: &mut Demand) -> Result<Duration, Error> {
        if !payment::due::is_any(&self.db, world.now()).await? {
            return Ok(LOOK);
        }
        let act = Act::new(world, Actor::System(AUTHOR), world.id().to_string());
        if let Some(last) = demand.last.take()
            && self.has_failed(&act, last).await?
        {
            return Ok(AFTER_FAILURE);
        }
        let start = Start { workflow: CONSOLIDATION.to_owned(), input: json!({}), project: None, key: None };
        match self.start(&act, vec![start], false).await?.pop() {
            Some(Ok(started)) => demand.last = Some(started.id),
            // Somebody has made it a workflow of their own that wants more. What is due is computed when they approve.
            Some(Err(fault)) => {
                tracing::debug!(error = %fault.message, "the consolidation cannot be started");
                return Ok(AFTER_FAILURE);
            }
            None => {}
        }
        Ok(LOOK)
    }

    async fn has_failed(&self, act: &Act, run: RunId) -> Result<bool, Error> {
        match self.open(act, run).await {
            Ok(whole) => Ok(whole.run.state == RunState::Failed),
            // It was forgotten meanwhile.
            Err(Error::Fault(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

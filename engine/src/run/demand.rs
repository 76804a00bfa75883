//! Starting what is wanted because something has changed: the consolidation of pay, and mails.

use std::time::Duration;

use domain::ids::RunId;
use domain::run::RunState;
use serde_json::json;

use super::{Runs, Start};
use crate::Error;
use crate::act::{Act, Actor};
use crate::job::{AUTHOR, CONSOLIDATION, MAILS};
use crate::world::World;
use crate::{notice, payment};

/// What could not be done a moment ago can be no more the next one. People look at what has failed meanwhile.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug)]
pub enum Chore {
    Consolidation,
    Mails,
}

impl Chore {
    /// How often to look whether there is something to do.
    const fn look(self) -> Duration {
        match self {
            Self::Consolidation => Duration::from_millis(400),
            Self::Mails => Duration::from_secs(5),
        }
    }

    const fn workflow(self) -> &'static str {
        match self {
            Self::Consolidation => CONSOLIDATION,
            Self::Mails => MAILS,
        }
    }
}

/// What is looked after, and what was started last.
pub struct Demand {
    pub chore: Chore,
    last: Option<RunId>,
}

impl Demand {
    pub const fn new(chore: Chore) -> Self {
        Self { chore, last: None }
    }
}

impl Runs {
    /// Starts the work if there is something to do; a run that is under way finds it by itself. Answers when to look again.
    pub(super) async fn start_wanted(&self, world: &World, demand: &mut Demand) -> Result<Duration, Error> {
        let Demand { chore, .. } = *demand;
        let is_any = match chore {
            Chore::Consolidation => payment::due::is_any(&self.db, world.now()).await?,
            Chore::Mails => notice::is_any_due(&self.db, world.now()).await?,
        };
        if !is_any {
            return Ok(chore.look());
        }
        let act = Act::new(world, Actor::System(AUTHOR), world.id().to_string());
        if let Some(last) = demand.last.take()
            && self.has_failed(&act, last).await?
        {
            return Ok(AFTER_FAILURE);
        }
        let workflow = chore.workflow();
        let start = Start { workflow: workflow.to_owned(), input: json!({}), project: None, key: None };
        match self.start(&act, vec![start], false).await?.pop() {
            Some(Ok(started)) => demand.last = Some(started.id),
            // Somebody has made it a workflow of their own that wants more. Pay that is due is computed when they approve.
            Some(Err(fault)) => {
                tracing::debug!(error = %fault.message, workflow, "it cannot be started");
                return Ok(AFTER_FAILURE);
            }
            None => {}
        }
        Ok(chore.look())
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

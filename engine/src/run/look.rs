//! Looking at runs, at what waits, and at what was given up.

use chrono::{DateTime, Utc};
use domain::Fault;
use domain::ids::{RunId, WorkflowId};
use domain::people::Permission;
use domain::run::{DeadReason, RunState};
use domain::workflow::{Definition, StepName, WorkflowName};
use uuid::Builder;

use super::Runs;
use super::store::{
    self, Attempt, Child, DeadLetter, Event, Run, RunFilter, RunLine, Standing, Waiting, Waits, Worker,
};
use crate::Error;
use crate::act::Act;
use crate::artifact;
use crate::errand::{self, ErrandQueue};
use crate::page::Page;
use crate::review::{self, Review};
use crate::workflow::named;

/// The most of a history that is shown.
const MOST_SHOWN: i64 = 1_000;

/// What waits is counted no further.
const COUNTED_UP_TO: i64 = 10_000;

const MOST_WORKERS: i64 = 200;

/// Which runs somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub workflow: Option<WorkflowName>,
    pub state: Option<RunState>,
    pub key: Option<String>,
    /// Made at or after, and before.
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Only dead letters, given up for this reason.
    pub reason: Option<DeadReason>,
}

/// A run with all that is known of it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub run: Run,
    pub definition: Definition,
    /// In the order they began.
    pub attempts: Vec<Attempt>,
    pub events: Vec<Event>,
    /// Where it stands, if something is still to be done.
    pub standing: Option<Standing>,
    /// What its steps wait for.
    pub waits: Vec<Waits>,
    /// What people were to look at, in the order it was opened.
    pub reviews: Vec<Review>,
    /// The runs of the elements of lists, as far as they are shown.
    pub children: Vec<Child>,
    pub dead: Option<DeadLetter>,
}

/// What waits, and who works.
#[derive(Clone, Debug)]
pub struct Queues {
    /// By priority.
    pub waiting: Vec<Waiting>,
    pub workers: Vec<Worker>,
    /// What waits for programs of the user.
    pub errands: Vec<ErrandQueue>,
    /// Counts go no further than this.
    pub counted_up_to: i64,
}

impl Runs {
    /// The newest first, older than the given one.
    pub async fn list(
        &self,
        act: &Act,
        wanted: &Wanted,
        before: Option<RunId>,
        size: usize,
    ) -> Result<Page<RunLine>, Error> {
        act.need(Permission::SeeRuns)?;
        let Some(filter) = self.filter(wanted).await? else {
            return Ok(Page { rows: Vec::new(), has_more: false });
        };
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::list(&self.db, &filter, before, limit).await?, size))
    }

    pub async fn open(&self, act: &Act, id: RunId) -> Result<Whole, Error> {
        act.need(Permission::SeeRuns)?;
        let run = store::run(&self.db, id).await?.ok_or_else(no_such_run)?;
        let prepared = self.library.version(run.workflow_id, run.version).await?;
        let attempts = store::attempts_of(&self.db, id, MOST_SHOWN).await?;
        let has_ended =
            |step: &StepName| attempts.iter().any(|attempt| attempt.step == *step && attempt.is_checkpoint());
        let mut waits = store::waits_for(&self.db, id).await?;
        waits.retain(|waits| !run.state.is_final() && !has_ended(&waits.step));
        Ok(Whole {
            definition: prepared.definition().clone(),
            waits,
            events: store::events_of(&self.db, id, MOST_SHOWN).await?,
            standing: store::task_of(&self.db, id).await?,
            attempts,
            reviews: review::reviews_of(&self.db, id, MOST_SHOWN).await?,
            children: store::children(&self.db, id, MOST_SHOWN).await?,
            dead: store::dead_letter(&self.db, id).await?,
            run,
        })
    }

    /// What was set aside for a run, by the name its reference has.
    pub async fn artifact(&self, act: &Act, run: RunId, name: &str) -> Result<Vec<u8>, Error> {
        act.need(Permission::SeeRuns)?;
        let none = || Fault::not_found("There is no such artifact of this run.");
        let hash = artifact::from_hex(name).ok_or_else(none)?;
        Ok(artifact::content(&self.db, run, hash).await?.ok_or_else(none)?)
    }

    /// Runs that could not be brought to an end, the newest first.
    pub async fn dead_letters(
        &self,
        act: &Act,
        workflow: Option<&WorkflowName>,
        reason: Option<DeadReason>,
        before: Option<RunId>,
        size: usize,
    ) -> Result<Page<DeadLetter>, Error> {
        act.need(Permission::SeeRuns)?;
        let Some(workflow) = self.wanted_workflow(workflow).await? else {
            return Ok(Page { rows: Vec::new(), has_more: false });
        };
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::dead_letters(&self.db, workflow, reason, before, limit).await?, size))
    }

    pub async fn queues(&self, act: &Act) -> Result<Queues, Error> {
        act.need(Permission::SeeRuns)?;
        Ok(Queues {
            waiting: store::lag(&self.db, act.at, COUNTED_UP_TO).await?,
            workers: store::workers(&self.db, MOST_WORKERS).await?,
            errands: errand::queues(&self.db, COUNTED_UP_TO).await?,
            counted_up_to: COUNTED_UP_TO,
        })
    }

    /// What somebody wants to see as the store knows it; nothing if there can be none.
    pub(super) async fn filter(&self, wanted: &Wanted) -> Result<Option<RunFilter>, Error> {
        let workflow = self.wanted_workflow(wanted.workflow.as_ref()).await?;
        Ok(workflow.map(|workflow| RunFilter {
            workflow,
            state: wanted.state,
            key: wanted.key.clone(),
            from: wanted.from.map(first_id),
            until: wanted.until.map(first_id),
            reason: wanted.reason,
        }))
    }

    /// The workflow a list is narrowed to, if it is; nothing if there is none of that name, and so no runs of it.
    async fn wanted_workflow(
        &self,
        name: Option<&WorkflowName>,
    ) -> Result<Option<Option<WorkflowId>>, Error> {
        match name {
            None => Ok(Some(None)),
            Some(name) => Ok(named(&self.db, name).await?.map(|workflow| Some(workflow.id))),
        }
    }
}

pub(super) fn no_such_run() -> Fault {
    Fault::not_found("There is no such run.")
}

/// The smallest id a run made at that moment can have.
pub(super) fn first_id(at: DateTime<Utc>) -> RunId {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    RunId(Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

//! Looking at runs, at what waits, and at what was given up.

use chrono::{DateTime, Utc};
use domain::Fault;
use domain::ids::{RunId, WorkflowId};
use domain::people::Permission;
use domain::project::ProjectCode;
use domain::run::{DeadReason, RunState};
use domain::workflow::{Definition, StepName, WorkflowName};
use uuid::{Builder, Uuid};

use super::Runs;
use super::store::{
    self, Attempt, Child, DeadLetter, Event, Run, RunFilter, RunLine, Standing, Waiting, Waits, Worker,
};
use crate::Error;
use crate::act::Act;
use crate::artifact;
use crate::errand::{self, ErrandQueue};
use crate::page::{Page, containing};
use crate::project;
use crate::review::{self, Review};
use crate::workflow::named;

/// The most of a history that is shown.
const MOST_SHOWN: i64 = 1_000;

/// What waits is counted no further.
const COUNTED_UP_TO: i64 = 10_000;

const MOST_WORKERS: i64 = 200;

/// In so many runs a text is looked for at once.
const LOOKED_AT: i64 = 20_000;

/// Which runs somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub workflow: Option<WorkflowName>,
    pub project: Option<ProjectCode>,
    pub state: Option<RunState>,
    pub key: Option<String>,
    /// Made at or after, and before.
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Only dead letters, given up for this reason.
    pub reason: Option<DeadReason>,
    /// Only those with this in their input, error or key, or with this id.
    pub text: Option<String>,
}

/// A page of a list of runs.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub rows: Vec<RunLine>,
    /// The run that the next page is older than; nothing at the end.
    pub next: Option<RunId>,
    /// Whether it ends where it does because no more were looked at.
    pub looked_at: Option<i64>,
}

/// A run with all that is known of it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub run: Run,
    pub definition: Definition,
    /// In the order they began.
    pub attempts: Vec<Attempt>,
    pub events: Vec<Event>,
    /// Whether there were so many tries or events that only the last of them are here.
    pub is_cut: bool,
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
    /// The newest first, older than the given one. A text is looked for in so many of them that nobody has to wait.
    pub async fn list(
        &self,
        act: &Act,
        wanted: &Wanted,
        before: Option<RunId>,
        size: usize,
    ) -> Result<Listed, Error> {
        act.need(Permission::SeeRuns)?;
        let Some(filter) = self.filter(wanted).await? else { return Ok(Listed::default()) };
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        let text = wanted.text.as_ref().filter(|_| filter.text.is_some());
        if let Some(text) = text.filter(|_| before.is_none() && filter.key.is_none()) {
            // A key that is just this is found wherever it is.
            let exact = RunFilter { key: Some(text.trim().to_owned()), text: None, ..filter.clone() };
            let rows = store::list(&self.db, &exact, None, limit, LOOKED_AT).await?;
            if !rows.is_empty() {
                return Ok(Listed::of(Page::of(rows, size)));
            }
        }
        let rows = store::list(&self.db, &filter, before, limit, LOOKED_AT).await?;
        let listed = Listed::of(Page::of(rows, size));
        if listed.next.is_some() || text.is_none() {
            return Ok(listed);
        }
        let all = RunFilter { text: None, ..filter };
        let last = store::last_looked_at(&self.db, &all, before, LOOKED_AT).await?;
        Ok(Listed { next: last, looked_at: last.map(|_| LOOKED_AT), ..listed })
    }

    pub async fn open(&self, act: &Act, id: RunId) -> Result<Whole, Error> {
        act.need(Permission::SeeRuns)?;
        let run = store::run(&self.db, id).await?.ok_or_else(no_such_run)?;
        let prepared = self.library.version(run.workflow_id, run.version).await?;
        let attempts = store::attempts_of(&self.db, id, MOST_SHOWN).await?;
        let events = store::events_of(&self.db, id, MOST_SHOWN).await?;
        let is_full = |length: usize| i64::try_from(length).is_ok_and(|length| length >= MOST_SHOWN);
        let has_ended =
            |step: &StepName| attempts.iter().any(|attempt| attempt.step == *step && attempt.is_checkpoint());
        let mut waits = store::waits_for(&self.db, id).await?;
        waits.retain(|waits| !run.state.is_final() && !has_ended(&waits.step));
        Ok(Whole {
            definition: prepared.definition().clone(),
            waits,
            is_cut: is_full(attempts.len()) || is_full(events.len()),
            events,
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
        let Some(workflow) = self.wanted_workflow(wanted.workflow.as_ref()).await? else { return Ok(None) };
        let project = match &wanted.project {
            None => None,
            Some(code) => match project::coded(&self.db, code).await? {
                Some(project) => Some(project.id),
                None => return Ok(None),
            },
        };
        let filter = RunFilter {
            workflow,
            project,
            state: wanted.state,
            key: wanted.key.clone(),
            from: wanted.from.map(first_id),
            until: wanted.until.map(first_id),
            reason: wanted.reason,
            text: None,
        };
        Ok(Some(match wanted.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => filter,
            Some(text) => match text.parse::<Uuid>() {
                Ok(id) => RunFilter { from: Some(RunId(id)), until: Some(next_id(id)), ..filter },
                Err(_) => RunFilter { text: Some(containing(text)), ..filter },
            },
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

impl Listed {
    fn of(page: Page<RunLine>) -> Self {
        let next = page.rows.last().filter(|_| page.has_more).map(|last| last.id);
        Self { rows: page.rows, next, looked_at: None }
    }
}

/// The id that is next in order.
fn next_id(id: Uuid) -> RunId {
    RunId(Uuid::from_u128(id.as_u128().saturating_add(1)))
}

pub(super) fn no_such_run() -> Fault {
    Fault::not_found("There is no such run.")
}

/// The smallest id a run made at that moment can have.
pub(super) fn first_id(at: DateTime<Utc>) -> RunId {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    RunId(Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

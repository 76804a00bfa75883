//! One run brought on by one worker, from checkpoint to checkpoint.

mod asking;
mod ended;
mod errands;
mod mapping;
mod noting;
mod telling;
mod waiting;

use std::mem::take;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::ids::{ProjectId, RunId, WorkflowId};
use domain::run::{DeadReason, RunState};
use domain::span::Span;
use domain::workflow::{Step, StepName};
use serde_json::Value;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::asking::{Answered, Paid};
use super::Runs;
use super::bell::Bell;
use super::clock::Clock;
use super::ledger::{Entry, Ledger, Looking, Sent, Sub, Then, Unwritten};
use super::pause::Paused;
use super::store::{Attempt, Begun, Claimed, Event, Lease, Waits};
use super::tally::Tally;
use super::way::{Before, Way};
use crate::Error;
use crate::act::{Act, Actor};
use crate::gate::Gate;
use crate::job::{AUTHOR, Jobs};
use crate::outbound::Outbound;
use crate::webhook::Written;
use crate::workflow::{Begun as StepBegun, Prepared};
use crate::world::World;

/// An input of so many letters is worth a thread of its own.
const HEAVY: usize = 32 * 1024;

/// What a worker brings along.
#[derive(Clone)]
pub struct Tools {
    pub ledger: Ledger,
    pub world: World,
    pub clock: Clock,
    pub bell: Bell,
    pub outbound: Outbound,
    pub gate: Gate,
    pub jobs: Jobs,
    pub runs: Runs,
    pub paused: Paused,
    /// Those who hear what nobody waits for any more.
    pub listening: TaskTracker,
    /// The name of the worker.
    pub worker: Arc<str>,
    /// Asks that nothing more is begun: runs are left at their next checkpoint.
    pub stopping: CancellationToken,
    /// Asks that what is under way is dropped, too.
    pub leaving: CancellationToken,
}

/// A run that was claimed, as far as it has come.
pub struct Drive {
    tools: Tools,
    lease: Lease,
    crashes: i64,
    /// Whether there is so much in it that its steps may take long by themselves.
    heavy: bool,
    /// How many signals it knows of.
    signals: i64,
    workflow: WorkflowId,
    created_at: DateTime<Utc>,
    prepared: Arc<Prepared>,
    way: Way,
    /// When it was last known how the elements fare that were sent through other workflows.
    elements_seen: Instant,
    /// Those who were asked and have not answered. Dropped with the drive, unless the run has ended by itself.
    asked: JoinSet<Answered>,
    /// What was reached since the last checkpoint.
    reached: Vec<Attempt>,
    /// What is waited for since then.
    waits: Vec<Waits>,
    /// What people are to look at since then, and what they have not looked at in time.
    looking: Looking,
    /// What programs are to do since then, and what they have failed to do or not done in time.
    sent: Sent,
    /// What is sent through other workflows since then.
    subs: Vec<Sub>,
    /// The project it belongs to, and with it the runs of its elements.
    project: Option<ProjectId>,
    /// Who waits for this run to end.
    parent: Option<RunId>,
    /// What others are told since then.
    told: Vec<Written>,
    /// What else has happened since then.
    events: Vec<Event>,
    /// Until when it may go on at all.
    deadline: Option<DateTime<Utc>>,
    /// Why it cannot go on.
    failed: Option<Failure>,
}

/// A step that failed and is not tried again.
struct Failure {
    step: StepName,
    /// Nothing if the definition wants such items to end there.
    dead: Option<DeadReason>,
    because: String,
}

/// What a try of a step leaves besides what it has found.
#[derive(Default)]
struct Beside {
    /// What a person may want to see.
    detail: Option<Value>,
    /// In millionths of a dollar.
    cost: Option<i64>,
}

impl From<Value> for Beside {
    fn from(detail: Value) -> Self {
        Self { detail: Some(detail), cost: None }
    }
}

/// When a try of a step could begin, and did.
struct Beginning {
    step: StepName,
    number: i64,
    due_at: DateTime<Utc>,
    started_at: DateTime<Utc>,
}

impl Drive {
    pub fn new(
        tools: Tools,
        claimed: &Claimed,
        begun: &Begun,
        before: &Before,
        prepared: Arc<Prepared>,
    ) -> Result<Self, Error> {
        let found: usize =
            before.attempts.iter().filter_map(|attempt| attempt.output.as_ref()).map(String::len).sum();
        let way = Way::new(serde_json::from_str(&begun.input)?, begun.project(), claimed.run_at, before)?;
        Ok(Self {
            tools,
            lease: claimed.lease(),
            crashes: claimed.crashes,
            heavy: begun.input.len() + found > HEAVY,
            signals: claimed.signals,
            workflow: begun.workflow_id,
            created_at: begun.created_at,
            prepared,
            way,
            elements_seen: Instant::now(),
            asked: JoinSet::new(),
            reached: Vec::new(),
            waits: Vec::new(),
            looking: Looking::default(),
            sent: Sent::default(),
            subs: Vec::new(),
            project: begun.project_id,
            parent: begun.parent_id,
            told: Vec::new(),
            events: Vec::new(),
            deadline: claimed.deadline,
            failed: None,
        })
    }

    /// Brings the run on until it has ended, is to wait, or somebody else has it.
    pub async fn go(mut self) {
        loop {
            let then = match self.advance().await {
                Ok(then) => then,
                Err(error) => return self.give_up(&error.to_string()).await,
            };
            let goes_on = matches!(then, Then::GoOn);
            if goes_on && self.has_nothing_to_write() && !self.asked.is_empty() {
                // It has only looked around while others are asked.
                continue;
            }
            let comes_back = matches!(then, Then::Later { .. });
            let ends = matches!(then, Then::End { .. });
            let leaves = ends && self.way.has_children_under_way();
            let (attempts, waits) = (take(&mut self.reached), take(&mut self.waits));
            let looking = Looking { open: self.way.is_looked_at(), ..take(&mut self.looking) };
            let sent = Sent { open: self.way.has_errands(), ..take(&mut self.sent) };
            let offers = !sent.offered.is_empty();
            let paid = Paid::all_of(&attempts);
            let (events, messages) = (take(&mut self.events), take(&mut self.told));
            let subs = take(&mut self.subs);
            let (tells, sends) = (!messages.is_empty(), !subs.is_empty());
            let entry = self.entry(attempts, waits, then);
            let entry = Entry { reviews: looking, errands: sent, events, messages, subs, ..entry };
            let written = self.tools.ledger.write(entry).await;
            if offers && written.is_ok() {
                self.tools.bell.errands_offered();
            }
            if sends && written.is_ok() {
                self.tools.bell.ring();
            }
            if tells && written.is_ok() {
                self.tools.bell.messages_written();
            }
            match written {
                Ok(()) if goes_on => self.crashes = 0,
                Ok(()) => {
                    if comes_back {
                        // Whoever waits for the next moment that something is due has not known of this one.
                        self.tools.bell.ring_here();
                    }
                    if ends {
                        self.let_go(Vec::new());
                    }
                    if leaves {
                        self.leave_children().await;
                    }
                    return;
                }
                Err(Unwritten::Stale) => {
                    tracing::info!(run = %self.lease.run_id, epoch = self.lease.lease_epoch, "a stale result was dropped");
                    self.count_stale().await;
                    return self.let_go(paid);
                }
                Err(Unwritten::Unwritable(why)) => return self.give_up(&why).await,
            }
        }
    }

    /// What is dropped is counted, and if that fails nothing is lost by it.
    async fn count_stale(&self) {
        let mut tally = Tally::default();
        tally.stale(self.workflow, self.tools.clock.now());
        if let Err(error) = tally.write_alone(&self.tools.runs.db, &self.tools.worker).await {
            tracing::warn!(%error, "a stale result could not be counted");
        }
    }

    /// Begins what can be begun, waits for an answer if nothing has ended by itself, and says how it goes on.
    async fn advance(&mut self) -> Result<Then, Error> {
        if !self.is_to_rest() && !self.is_over_time() {
            self.look_after_elements().await;
            self.begin().await?;
        }
        if self.has_nothing_to_write() && !self.asked.is_empty() && !self.is_over_time() {
            let leaving = self.tools.leaving.clone();
            let moment = self.until_next_moment();
            tokio::select! {
                answered = self.asked.join_next() => match answered {
                    Some(Ok(answered)) => self.hear(answered)?,
                    Some(Err(error)) => return Err(error.into()),
                    None => {}
                },
                () = moment => {}
                () = leaving.cancelled() => return Ok(self.put_down()),
            }
        }
        Ok(self.then())
    }

    const fn has_nothing_to_write(&self) -> bool {
        self.reached.is_empty()
            && self.waits.is_empty()
            && self.looking.is_empty()
            && self.sent.is_empty()
            && self.events.is_empty()
            && self.subs.is_empty()
    }

    /// Returns when another step is to be tried again, or has waited long enough.
    fn until_next_moment(&self) -> impl Future<Output = ()> + use<> {
        let moments = self.next_moment().filter(|_| !self.is_to_rest());
        let wait = moments.map(|moment| self.tools.clock.until(moment));
        let elements = self.way.has_children_under_way().then_some(mapping::LOOK_EVERY);
        let wait = wait.into_iter().chain(elements).min();
        async move {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        }
    }

    fn then(&self) -> Then {
        if let Some(failure) = &self.failed {
            return self.end_failed(failure);
        }
        let definition = self.prepared.definition();
        if definition.steps.iter().all(|step| self.way.has_ended(&step.name)) {
            return match self.prepared.output(&self.way.known) {
                Ok(output) => Then::End {
                    state: RunState::Success,
                    output: Some(output.to_string()),
                    error: None,
                    dead: None,
                },
                Err(because) => self.give_up_between_steps(&because),
            };
        }
        if self.is_over_time() {
            let time = definition.budget.time.unwrap_or_default();
            return self.give_up_between_steps(&format!(
                "It has not come to an end within {time}, its budget of time."
            ));
        }
        if !self.asked.is_empty() {
            return Then::GoOn;
        }
        if self.is_to_rest() {
            return self.put_down();
        }
        match (self.can_begin(), self.way.next_moment()) {
            (true, _) => Then::GoOn,
            (false, Some(until)) => self.later(self.deadline.map_or(until, |end| until.min(end)), true),
            (false, None) => self.give_up_between_steps("None of the steps that are left can be run."),
        }
    }

    /// What was sent through and has not ended is needed no more. If this is lost with its worker, they go on to their end.
    async fn leave_children(&self) {
        let act = Act::new(&self.tools.world, Actor::System(AUTHOR), self.lease.run_id.to_string());
        if let Err(error) = self.tools.runs.cancel_orphans(&act, &[self.lease.run_id]).await {
            tracing::warn!(%error, run = %self.lease.run_id, "runs of elements that nobody needs could not be cancelled");
        }
    }

    /// When there is next something to do by itself, the end of its time included.
    fn next_moment(&self) -> Option<DateTime<Utc>> {
        self.way.next_moment().into_iter().chain(self.deadline).min()
    }

    /// Whether nothing more is to be begun: the worker stops, or the workflow is paused.
    fn is_to_rest(&self) -> bool {
        self.tools.stopping.is_cancelled() || self.tools.paused.has(self.workflow)
    }

    fn is_over_time(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= self.way.now(self.tools.clock.now()))
    }

    /// Whether there is a step that could be begun at once.
    fn can_begin(&self) -> bool {
        let now = self.tools.clock.now();
        let definition = self.prepared.definition();
        let free =
            |step: &Step| self.way.is_ready(definition, step, now) && self.way.waits(&step.name).is_none();
        definition.steps.iter().any(free)
    }

    fn entry(&self, attempts: Vec<Attempt>, waits: Vec<Waits>, then: Then) -> Entry {
        let slo = self.prepared.definition().slo.map(Span::duration);
        let entry = Entry::new(self.lease, self.workflow, self.created_at, then);
        Entry { slo, crashes: self.crashes, parent: self.parent, attempts, waits, ..entry }
    }

    /// Leaves the run to whoever claims it next.
    fn put_down(&self) -> Then {
        let idle = self.asked.is_empty() && !self.can_begin();
        let later = self.next_moment().filter(|_| idle);
        self.later(later.unwrap_or(self.tools.clock.now()), idle)
    }

    /// Goes on then. Meanwhile it waits for a person, if there is nothing else to do.
    fn later(&self, until: DateTime<Utc>, idle: bool) -> Then {
        let looked_at = idle && self.way.is_looked_at();
        let state = if looked_at { RunState::NeedsReview } else { RunState::Pending };
        Then::Later { until, signals: self.signals, state }
    }

    /// Begins every step that can be begun. What asks nobody has ended at once.
    async fn begin(&mut self) -> Result<(), Error> {
        let prepared = Arc::clone(&self.prepared);
        let now = self.tools.clock.now();
        let ready: Vec<&Step> = prepared
            .steps_in_order()
            .filter(|step| self.way.is_ready(prepared.definition(), step, now))
            .collect();
        for step in ready {
            if self.failed.is_some() {
                break;
            }
            let due_at = self.way.due_at(step);
            let started_at = self.tools.clock.now().max(due_at);
            let number = self.way.next_number(&step.name);
            let beginning = Beginning { step: step.name.clone(), number, due_at, started_at };
            let review = self.way.review(&step.name).cloned();
            if let (Some(review), Some(asked)) = (review, prepared.review(&step.name)) {
                self.looked_at(beginning, asked, review)?;
                continue;
            }
            let errand = self.way.errand(&step.name).cloned();
            if let (Some(errand), Some(asked)) = (errand, prepared.worker(&step.name)) {
                self.brought(beginning, asked, errand)?;
                continue;
            }
            let key = || format!("{}:{}:{}", self.lease.run_id, step.name, step.kind.word());
            let first = || prepared.begin(step, &self.way.known, self.tools.outbound.secrets(), key);
            // What takes long must not keep others, and above all the renewal of leases, from being served.
            let begun = if self.heavy { block_in_place(first) } else { first() };
            match begun {
                StepBegun::Ended(outcome) => self.reach(beginning, outcome, Beside::default())?,
                StepBegun::Asks(asking) => self.ask(beginning, asking)?,
                StepBegun::Tells(told) => self.tell(beginning, told)?,
                StepBegun::Maps(map) => self.map(beginning, &map).await?,
                StepBegun::Waits(wait) => self.wait(beginning, &wait)?,
                StepBegun::Offers(worker, input) => self.offer(beginning, worker.worker(), &input),
                StepBegun::Doubts(review, grounds) => self.look(beginning, &review, grounds)?,
            }
        }
        Ok(())
    }

    /// What it has reached cannot be written down, so at least that is.
    async fn give_up(&self, why: &str) {
        let then = self.give_up_between_steps(&format!("What it found could not be kept: {why}"));
        let entry = self.entry(Vec::new(), Vec::new(), then).last();
        if let Err(Unwritten::Unwritable(error)) = self.tools.ledger.write(entry).await {
            tracing::error!(run = %self.lease.run_id, error, "a run can be neither kept nor given up");
        }
    }
}

//! How far a run has come: what is known, what has ended, what it waits for, what is to be tried again and when. Put
//! together from what was kept of it, and so the same for every worker that claims it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::ids::RunId;
use domain::review::ReviewState;
use domain::run::AttemptState;
use domain::workflow::{Definition, SignalName, Step, StepName};
use serde_json::Value;

use super::store::{self, Attempt, Child, Signal, Waits};
use crate::Error;
use crate::db::{DbError, Tx};
use crate::errand::{self, Errand};
use crate::review::{self, Review};
use crate::workflow::{About, Known};

/// The most of a message that is kept.
const LONGEST_MESSAGE: usize = 4_000;

/// What was kept of runs before they were claimed.
#[derive(Default)]
pub struct Before {
    pub attempts: Vec<Attempt>,
    pub waits: Vec<Waits>,
    pub signals: Vec<Signal>,
    /// What people were to look at, and what they have decided.
    pub reviews: Vec<Review>,
    /// What programs were to do, and what they have brought back.
    pub errands: Vec<Errand>,
    /// The runs of the elements that its maps have sent through.
    pub children: Vec<Child>,
}

impl Before {
    /// What was kept of these runs; signals only of those that were sent any.
    pub async fn of(tx: &mut Tx, runs: &[RunId], signalled: &[RunId]) -> Result<Self, DbError> {
        Ok(Self {
            attempts: store::history_of(tx, runs).await?,
            waits: store::waits_of(tx, runs).await?,
            signals: store::signals_of(tx, signalled).await?,
            reviews: review::current_of(tx, runs).await?,
            errands: errand::current_of(tx, runs).await?,
            children: store::children_of(tx, runs).await?,
        })
    }

    pub fn by_run(self) -> HashMap<RunId, Self> {
        let mut by_run: HashMap<RunId, Self> = HashMap::new();
        for attempt in self.attempts {
            by_run.entry(attempt.run_id).or_default().attempts.push(attempt);
        }
        for waits in self.waits {
            by_run.entry(waits.run_id).or_default().waits.push(waits);
        }
        for signal in self.signals {
            by_run.entry(signal.run_id).or_default().signals.push(signal);
        }
        for review in self.reviews {
            by_run.entry(review.run_id).or_default().reviews.push(review);
        }
        for errand in self.errands {
            by_run.entry(errand.run_id).or_default().errands.push(errand);
        }
        for child in self.children {
            by_run.entry(child.parent_id).or_default().children.push(child);
        }
        by_run
    }
}

pub struct Way {
    pub known: Known,
    /// Since when it can go on, at the earliest.
    since: DateTime<Utc>,
    /// When each step ended.
    ended_at: BTreeMap<StepName, DateTime<Utc>>,
    /// The last number of a try of each step.
    numbers: BTreeMap<StepName, i64>,
    /// How often somebody was asked for each, in tries that count.
    asked_before: BTreeMap<StepName, i64>,
    /// What its models have cost that counts, in millionths of a dollar.
    cost: i64,
    retries: BTreeMap<StepName, DateTime<Utc>>,
    /// The steps that wait for an answer.
    asked: BTreeSet<StepName>,
    /// The steps that wait for time to pass or a signal to come, from when until when.
    waits: BTreeMap<StepName, (DateTime<Utc>, DateTime<Utc>)>,
    signals: BTreeMap<SignalName, Value>,
    /// Of each step that has people look: what they have said, if they have.
    reviews: BTreeMap<StepName, Review>,
    /// Of each step that was given to a program: what it has brought back, if it has.
    errands: BTreeMap<StepName, Errand>,
    /// Of each step that sends elements through: their runs, by their places.
    children: BTreeMap<StepName, BTreeMap<i64, Child>>,
}

impl Way {
    pub fn new(input: Value, project: About, since: DateTime<Utc>, before: &Before) -> Result<Self, Error> {
        let mut way = Self {
            known: Known { input, project, ..Known::default() },
            since,
            ended_at: BTreeMap::new(),
            numbers: BTreeMap::new(),
            asked_before: BTreeMap::new(),
            cost: 0,
            retries: BTreeMap::new(),
            asked: BTreeSet::new(),
            waits: BTreeMap::new(),
            signals: BTreeMap::new(),
            reviews: BTreeMap::new(),
            errands: BTreeMap::new(),
            children: BTreeMap::new(),
        };
        for waits in &before.waits {
            way.wait(&waits.step, waits.since, waits.until);
        }
        for signal in &before.signals {
            way.signals.insert(signal.name.clone(), serde_json::from_str(&signal.payload)?);
        }
        for review in &before.reviews {
            way.look(review.clone());
        }
        for attempt in &before.attempts {
            way.remember(attempt)?;
        }
        for child in &before.children {
            way.send_through(child.clone());
        }
        // After the attempts: a failed one is followed by another errand.
        for errand in &before.errands {
            way.send(errand.clone());
        }
        Ok(way)
    }

    /// Takes an attempt into account, from history or just made.
    pub fn remember(&mut self, attempt: &Attempt) -> Result<(), Error> {
        let number = self.numbers.entry(attempt.step.clone()).or_default();
        *number = attempt.number.max(*number);
        self.asked.remove(&attempt.step);
        if attempt.superseded {
            return Ok(());
        }
        // Whoever was asked is shown. What was done in the place of a step that was given up has asked nobody again.
        let stood_in =
            attempt.state == AttemptState::Success && self.known.given_up.contains_key(&attempt.step);
        if attempt.detail.is_some() && attempt.state != AttemptState::Skipped && !stood_in {
            *self.asked_before.entry(attempt.step.clone()).or_default() += 1;
        }
        self.cost = self.cost.saturating_add(attempt.cost.unwrap_or_default());
        if attempt.state == AttemptState::Failed {
            *self.known.failures.entry(attempt.step.clone()).or_default() += 1;
            self.waits.remove(&attempt.step);
            self.errands.remove(&attempt.step);
            match attempt.retry_at {
                Some(at) => {
                    self.retries.insert(attempt.step.clone(), at);
                }
                None => {
                    let why = attempt.error.clone().unwrap_or_default();
                    self.known.given_up.insert(attempt.step.clone(), why);
                }
            }
            return Ok(());
        }
        self.known.given_up.remove(&attempt.step);
        if let Some(confidence) = attempt.confidence {
            self.known.confidence.insert(attempt.step.clone(), confidence);
        }
        self.retries.remove(&attempt.step);
        self.waits.remove(&attempt.step);
        self.ended_at.insert(attempt.step.clone(), attempt.finished_at);
        let found = match (&attempt.state, &attempt.output) {
            (AttemptState::Success, Some(output)) => serde_json::from_str(output)?,
            _ => Value::Null,
        };
        self.known.steps.insert(attempt.step.clone(), found);
        Ok(())
    }

    pub fn has_ended(&self, step: &StepName) -> bool {
        self.known.steps.contains_key(step)
    }

    /// Whether a step can be begun, or gone on with: all it needs has ended, nobody is being asked for it, and it is not to
    /// wait for its next try. What is done in the place of a step that failed needs nothing else.
    pub fn is_ready(&self, definition: &Definition, step: &Step, now: DateTime<Utc>) -> bool {
        let given_up = |name: &StepName| self.known.given_up.contains_key(name);
        let stands_in = |needs: &StepName| {
            given_up(needs) && definition.stood_in_for(&step.name).is_some_and(|it| it.name == *needs)
        };
        !self.has_ended(&step.name)
            && !given_up(&step.name)
            && !self.asked.contains(&step.name)
            // The clock that has made the run due goes for its tries, too.
            && self.retries.get(&step.name).is_none_or(|at| *at <= self.now(now))
            && step.needs.iter().all(|needs| self.has_ended(needs) || stands_in(needs))
    }

    /// The later of two clocks: ours, and the one that has made the run due.
    pub fn now(&self, ours: DateTime<Utc>) -> DateTime<Utc> {
        ours.max(self.since)
    }

    /// Since when a step that is ready could have been begun.
    pub fn due_at(&self, step: &Step) -> DateTime<Utc> {
        let needs = step.needs.iter().filter_map(|needs| self.ended_at.get(needs));
        needs.chain(self.retries.get(&step.name)).copied().fold(self.since, Ord::max)
    }

    /// When the last of these steps ended.
    pub fn last_ended_at(&self, steps: &[StepName]) -> Option<DateTime<Utc>> {
        steps.iter().filter_map(|step| self.ended_at.get(step)).max().copied()
    }

    /// A step waits for an answer until its attempt is remembered.
    pub fn asked(&mut self, step: &StepName) {
        self.retries.remove(step);
        self.asked.insert(step.clone());
    }

    /// A step that was to ask somebody is to do so later. That is no try.
    pub fn put_off(&mut self, step: &StepName, until: DateTime<Utc>) {
        self.asked.remove(step);
        self.retries.insert(step.clone(), until);
    }

    /// How often somebody was asked for a step, those included who have not answered: what a person has had done again
    /// counts no more.
    pub fn times_asked(&self, step: &StepName) -> i64 {
        self.asked_before.get(step).copied().unwrap_or_default() + i64::from(self.asked.contains(step))
    }

    /// What all have cost, as far as that counts.
    pub const fn cost(&self) -> i64 {
        self.cost
    }

    /// A step waits for something to come or for time to pass.
    pub fn wait(&mut self, step: &StepName, since: DateTime<Utc>, until: DateTime<Utc>) {
        self.waits.insert(step.clone(), (since, until));
    }

    /// From when until when a step waits.
    pub fn waits(&self, step: &StepName) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.waits.get(step).copied()
    }

    /// What people have said of what a step had them look at; nothing if it has not.
    pub fn review(&self, step: &StepName) -> Option<&Review> {
        self.reviews.get(step)
    }

    /// Whether there is something that nobody has decided.
    pub fn is_looked_at(&self) -> bool {
        self.waits.keys().any(|step| self.reviews.get(step).is_some_and(|it| it.state == ReviewState::Open))
    }

    /// A step has people look from now on.
    pub fn look(&mut self, review: Review) {
        if review.state == ReviewState::Open {
            self.wait(&review.step, review.opened_at, review.due_at);
        }
        self.reviews.insert(review.step.clone(), review);
    }

    /// What a program was given to do; nothing if it was not yet.
    pub fn errand(&self, step: &StepName) -> Option<&Errand> {
        self.errands.get(step)
    }

    pub fn has_errands(&self) -> bool {
        self.errands.values().any(Errand::is_open)
    }

    /// A program does a step from now on.
    pub fn send(&mut self, errand: Errand) {
        if errand.is_open() && !self.has_ended(&errand.step) {
            self.wait(&errand.step, errand.offered_at, errand.until);
        }
        self.errands.insert(errand.step.clone(), errand);
    }

    /// An element is sent through another workflow from now on.
    pub fn send_through(&mut self, child: Child) {
        self.children.entry(child.parent_step.clone()).or_default().insert(child.parent_place, child);
    }

    /// The runs of the elements that a step has sent through, by their places.
    pub fn children(&self, step: &StepName) -> &BTreeMap<i64, Child> {
        static NONE: BTreeMap<i64, Child> = BTreeMap::new();
        self.children.get(step).unwrap_or(&NONE)
    }

    pub fn has_child(&self, step: &StepName, place: i64) -> bool {
        self.children(step).contains_key(&place)
    }

    /// Whether elements are on their way that nobody needs once the run has ended.
    pub fn has_children_under_way(&self) -> bool {
        self.children.values().flat_map(BTreeMap::values).any(|child| !child.state.is_final())
    }

    /// Whether a step waits for something that was begun for it.
    pub fn is_under_way(&self, step: &StepName) -> bool {
        !self.has_ended(step) && (self.waits.contains_key(step) || self.children.contains_key(step))
    }

    /// What came with a signal.
    pub fn signal(&self, name: &SignalName) -> Option<&Value> {
        self.signals.get(name)
    }

    pub fn next_number(&self, step: &StepName) -> i64 {
        self.numbers.get(step).copied().unwrap_or_default() + 1
    }

    /// How many tries have failed that count.
    pub fn failures(&self, step: &StepName) -> u32 {
        self.known.failures.get(step).copied().unwrap_or_default()
    }

    /// When there is next something to do by itself: a wait that ends, a step that is tried again.
    pub fn next_moment(&self) -> Option<DateTime<Utc>> {
        let is_due =
            |step: &&StepName| !self.known.given_up.contains_key(*step) && !self.waits.contains_key(*step);
        let retries = self.retries.iter().filter(|(step, _)| is_due(step)).map(|(_, at)| at);
        retries.chain(self.waits.values().map(|(_, until)| until)).min().copied()
    }
}

/// A message that both databases can keep and a person wants to read.
pub fn readable(message: &str) -> String {
    message.chars().filter(|c| *c != '\0').take(LONGEST_MESSAGE).collect()
}

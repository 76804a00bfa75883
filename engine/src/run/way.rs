//! How far a run has come: what is known, what has ended, what is to be tried again and when. Put together from its
//! attempts, and so the same for every worker that claims it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::run::AttemptState;
use domain::workflow::{Step, StepName};
use serde_json::Value;

use super::store::Attempt;
use crate::Error;
use crate::workflow::Known;

/// The most of a message that is kept.
const LONGEST_MESSAGE: usize = 4_000;

pub struct Way {
    pub known: Known,
    /// Since when it can go on, at the earliest.
    since: DateTime<Utc>,
    /// When each step ended.
    ended_at: BTreeMap<StepName, DateTime<Utc>>,
    /// The last number of a try of each step, and how many of its tries failed and count.
    numbers: BTreeMap<StepName, i64>,
    failures: BTreeMap<StepName, u32>,
    retries: BTreeMap<StepName, DateTime<Utc>>,
    /// The steps that wait for an answer.
    asked: BTreeSet<StepName>,
}

impl Way {
    pub fn new(input: Value, since: DateTime<Utc>) -> Self {
        Self {
            known: Known { input, ..Known::default() },
            since,
            ended_at: BTreeMap::new(),
            numbers: BTreeMap::new(),
            failures: BTreeMap::new(),
            retries: BTreeMap::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Takes an attempt into account, from history or just made.
    pub fn remember(&mut self, attempt: &Attempt) -> Result<(), Error> {
        let number = self.numbers.entry(attempt.step.clone()).or_default();
        *number = attempt.number.max(*number);
        self.asked.remove(&attempt.step);
        if attempt.superseded {
            return Ok(());
        }
        if attempt.state == AttemptState::Failed {
            *self.failures.entry(attempt.step.clone()).or_default() += 1;
            if let Some(at) = attempt.retry_at {
                self.retries.insert(attempt.step.clone(), at);
            }
            return Ok(());
        }
        self.retries.remove(&attempt.step);
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

    /// Whether a step can be begun: all it needs has ended, and it is neither under way nor to wait for its next try.
    pub fn is_ready(&self, step: &Step, now: DateTime<Utc>) -> bool {
        !self.has_ended(&step.name)
            && !self.asked.contains(&step.name)
            // The clock that has made the run due goes for its tries, too.
            && self.retries.get(&step.name).is_none_or(|at| *at <= now.max(self.since))
            && step.needs.iter().all(|needs| self.has_ended(needs))
    }

    /// Since when a step that is ready could have been begun.
    pub fn due_at(&self, step: &Step) -> DateTime<Utc> {
        let needs = step.needs.iter().filter_map(|needs| self.ended_at.get(needs));
        needs.chain(self.retries.get(&step.name)).copied().fold(self.since, Ord::max)
    }

    /// A step waits for an answer until its attempt is remembered.
    pub fn asked(&mut self, step: &StepName) {
        self.asked.insert(step.clone());
    }

    pub fn next_number(&self, step: &StepName) -> i64 {
        self.numbers.get(step).copied().unwrap_or_default() + 1
    }

    /// How many tries have failed that count.
    pub fn failures(&self, step: &StepName) -> u32 {
        self.failures.get(step).copied().unwrap_or_default()
    }

    /// When the first of those steps is tried again that are to be.
    pub fn next_retry(&self) -> Option<DateTime<Utc>> {
        self.retries.values().min().copied()
    }
}

/// A message that both databases can keep and a person wants to read.
pub fn readable(message: &str) -> String {
    message.chars().filter(|c| *c != '\0').take(LONGEST_MESSAGE).collect()
}

//! Counting what happens, hour by hour, in the transaction in which it happens: so the numbers are right, whatever happens
//! to whoever counts.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::ids::WorkflowId;
use domain::run::sketch::bucket_of;
use domain::run::{AttemptState, RunState};
use domain::workflow::StepName;

use super::store::{self, Attempt, Counted};
use crate::db::{Db, DbError, Tx};

/// How many processes count without waiting for one another. More of them share.
const COUNTERS: u64 = 64;

pub const RETRIED: &str = "retried";
pub const DEAD: &str = "dead";
pub const WAITED: &str = "waited";
pub const TOOK: &str = "took";
pub const COST: &str = "cost";
pub const LATE: &str = "late";
pub const STALE: &str = "stale";
pub const OPENED: &str = "opened";
pub const DECIDED: &str = "decided";
pub const OVERRIDDEN: &str = "overridden";

#[derive(Default)]
pub struct Tally(BTreeMap<Counted, i64>);

impl Tally {
    /// A try of a step has ended.
    pub fn attempt(&mut self, workflow: WorkflowId, attempt: &Attempt) {
        let (at, step) = (attempt.finished_at, attempt.step.as_str());
        self.count(workflow, at, step, attempt.state.word(), 0);
        if attempt.retry_at.is_some() {
            self.count(workflow, at, step, RETRIED, 0);
        }
        if let Some(cost) = attempt.cost {
            self.cost(workflow, &attempt.step, cost, at);
        }
        if attempt.state != AttemptState::Skipped {
            self.count(workflow, at, step, WAITED, bucket(attempt.started_at - attempt.due_at));
            self.count(workflow, at, step, TOOK, bucket(attempt.finished_at - attempt.started_at));
        }
    }

    /// Somebody who was asked has cost something.
    pub fn cost(&mut self, workflow: WorkflowId, step: &StepName, cost: i64, at: DateTime<Utc>) {
        self.add(workflow, at, step.as_str(), COST, 0, cost);
    }

    /// A person is to look.
    pub fn review(&mut self, workflow: WorkflowId, step: &StepName, at: DateTime<Utc>) {
        self.count(workflow, at, step.as_str(), OPENED, 0);
    }

    /// A person has looked. What was not accepted as it was is overridden.
    pub fn decision(&mut self, workflow: WorkflowId, step: &StepName, overridden: bool, at: DateTime<Utc>) {
        self.count(workflow, at, step.as_str(), DECIDED, 0);
        if overridden {
            self.count(workflow, at, step.as_str(), OVERRIDDEN, 0);
        }
    }

    /// A run has ended.
    pub fn run(
        &mut self,
        workflow: WorkflowId,
        state: RunState,
        created_at: DateTime<Utc>,
        at: DateTime<Utc>,
    ) {
        self.count(workflow, at, "", state.word(), 0);
        self.count(workflow, at, "", TOOK, bucket(at - created_at));
    }

    /// A run was given up, for what happened at a step or, where that is empty, between two of them.
    pub fn dead(&mut self, workflow: WorkflowId, step: &str, at: DateTime<Utc>) {
        self.count(workflow, at, "", DEAD, 0);
        if !step.is_empty() {
            self.count(workflow, at, step, DEAD, 0);
        }
    }

    /// Somebody has come to a result of a run that was not theirs any more.
    pub fn stale(&mut self, workflow: WorkflowId, at: DateTime<Utc>) {
        self.count(workflow, at, "", STALE, 0);
    }

    /// A run has ended later than it should have.
    pub fn late(&mut self, workflow: WorkflowId, at: DateTime<Utc>) {
        self.count(workflow, at, "", LATE, 0);
    }

    fn count(
        &mut self,
        workflow_id: WorkflowId,
        at: DateTime<Utc>,
        step: &str,
        measure: &'static str,
        bucket: i64,
    ) {
        self.add(workflow_id, at, step, measure, bucket, 1);
    }

    fn add(
        &mut self,
        workflow_id: WorkflowId,
        at: DateTime<Utc>,
        step: &str,
        measure: &'static str,
        bucket: i64,
        more: i64,
    ) {
        let hour = at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at);
        let counted = Counted { workflow_id, hour, step: step.to_owned(), measure, bucket };
        let sum = self.0.entry(counted).or_default();
        *sum = sum.saturating_add(more);
    }

    /// The same as a transaction of its own.
    pub async fn write_alone(self, db: &Db, counter: &str) -> Result<(), DbError> {
        let mut tx = db.begin().await?;
        self.write(&mut tx, counter).await?;
        tx.commit().await
    }

    /// Adds it to what `counter` has counted before.
    pub async fn write(self, tx: &mut Tx, counter: &str) -> Result<(), DbError> {
        let mut hasher = DefaultHasher::new();
        counter.hash(&mut hasher);
        let counter = i64::try_from(hasher.finish() % COUNTERS).unwrap_or_default();
        store::add_hourly(tx, counter, &self.0.into_iter().collect::<Vec<_>>()).await
    }
}

fn bucket(span: TimeDelta) -> i64 {
    bucket_of(span.num_microseconds().unwrap_or(i64::MAX))
}

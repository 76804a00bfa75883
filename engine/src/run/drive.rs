//! One run brought on by one worker, from checkpoint to checkpoint.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::ids::WorkflowId;
use domain::run::{AttemptState, DeadReason, RunState};
use domain::workflow::{Step, StepName};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::ledger::{Entry, Lease, Ledger, Then, Unwritten};
use super::store::{Attempt, Begun, Claimed, DeadLetter};
use crate::Error;
use crate::workflow::{Known, Outcome, Prepared, Why};
use crate::world::World;

/// What a worker brings along.
#[derive(Clone)]
pub struct Tools {
    pub ledger: Ledger,
    pub world: World,
    /// The name of the worker.
    pub worker: Arc<str>,
    /// Asks runs to be left at their last checkpoint.
    pub stopping: CancellationToken,
}

/// A run that was claimed, as far as it has come.
pub struct Drive {
    tools: Tools,
    lease: Lease,
    crashes: i64,
    workflow: WorkflowId,
    prepared: Arc<Prepared>,
    known: Known,
    /// When it could go on.
    due_at: DateTime<Utc>,
    /// When each step ended, and how often each was tried.
    ended_at: BTreeMap<StepName, DateTime<Utc>>,
    tries: BTreeMap<StepName, i64>,
}

/// What happened to the steps that could be run.
#[derive(Default)]
struct Reached {
    attempts: Vec<Attempt>,
    failed: Option<(StepName, Why, String)>,
}

impl Drive {
    pub fn new(
        tools: Tools,
        claimed: &Claimed,
        begun: Begun,
        history: Vec<Attempt>,
        prepared: Arc<Prepared>,
    ) -> Result<Self, Error> {
        let mut drive = Self {
            tools,
            lease: Lease { run_id: claimed.run_id, epoch: claimed.lease_epoch },
            crashes: claimed.crashes,
            workflow: begun.workflow_id,
            prepared,
            known: Known { input: serde_json::from_str(&begun.input)?, ..Known::default() },
            due_at: claimed.run_at,
            ended_at: BTreeMap::new(),
            tries: BTreeMap::new(),
        };
        for attempt in history {
            drive.remember(&attempt)?;
        }
        Ok(drive)
    }

    /// Brings the run on until it has ended, is to wait, or somebody else has it.
    pub async fn go(mut self) {
        loop {
            let (attempts, then) =
                if self.tools.stopping.is_cancelled() { (Vec::new(), self.put_down()) } else { self.step() };
            let goes_on = matches!(then, Then::GoOn);
            let reached = attempts.clone();
            let entry = Entry { lease: self.lease, crashes: self.crashes, attempts, then };
            match self.tools.ledger.write(entry).await {
                Ok(()) if goes_on => self.crashes = 0,
                Ok(()) => return,
                Err(Unwritten::Stale) => {
                    tracing::info!(run = %self.lease.run_id, epoch = self.lease.epoch, "a stale result was dropped");
                    return;
                }
                Err(Unwritten::Unwritable(why)) => return self.give_up(&why).await,
            }
            for attempt in reached {
                if let Err(error) = self.remember(&attempt) {
                    return self.give_up(&error.to_string()).await;
                }
            }
        }
    }

    /// Leaves the run to whoever claims it next.
    fn put_down(&self) -> Then {
        Then::Later { until: self.tools.world.now() }
    }

    /// Runs every step that can be run now, and says how it goes on.
    fn step(&self) -> (Vec<Attempt>, Then) {
        let prepared = Arc::clone(&self.prepared);
        let mut reached = Reached::default();
        for step in prepared.steps_in_order() {
            let ready = !self.known.steps.contains_key(&step.name)
                && step.needs.iter().all(|needs| self.known.steps.contains_key(needs));
            if ready && reached.failed.is_none() {
                self.run(step, &mut reached);
            }
        }
        let then = match reached.failed {
            Some((step, why, because)) => self.failed(Some(&step), why, because),
            None => self.ended(&reached.attempts).unwrap_or(Then::GoOn),
        };
        (reached.attempts, then)
    }

    fn run(&self, step: &Step, reached: &mut Reached) {
        let needs_ended = step.needs.iter().filter_map(|needs| self.ended_at.get(needs)).max().copied();
        let due_at = needs_ended.map_or(self.due_at, |ended| ended.max(self.due_at));
        let started_at = self.tools.world.now().max(due_at);
        let outcome = self.prepared.run(step, &self.known);
        let mut attempt = Attempt {
            run_id: self.lease.run_id,
            step: step.name.clone(),
            number: self.tries.get(&step.name).copied().unwrap_or(0) + 1,
            state: AttemptState::Success,
            output: None,
            confidence: None,
            error: None,
            worker: self.tools.worker.to_string(),
            lease_epoch: self.lease.epoch,
            due_at,
            started_at,
            finished_at: self.tools.world.now().max(started_at),
            retry_at: None,
            superseded: false,
        };
        match outcome {
            Outcome::Success { output, confidence } => {
                attempt.output = Some(output.to_string());
                attempt.confidence = confidence;
            }
            Outcome::Skipped { because } => {
                attempt.state = AttemptState::Skipped;
                attempt.error = Some(because.to_owned());
            }
            Outcome::Failed { why, because } => {
                let because = readable(&because);
                attempt.state = AttemptState::Failed;
                attempt.error = Some(because.clone());
                reached.failed = Some((step.name.clone(), why, because));
            }
        }
        reached.attempts.push(attempt);
    }

    /// What the run comes to, if these attempts were the last.
    fn ended(&self, attempts: &[Attempt]) -> Option<Then> {
        if self.known.steps.len() + attempts.len() < self.prepared.definition().steps.len() {
            return None;
        }
        let mut known = self.known.clone();
        let found = attempts.iter().try_for_each(|attempt| learn(&mut known, attempt));
        let output = found.map_err(|error| error.to_string()).and_then(|()| self.prepared.output(&known));
        Some(match output {
            Ok(output) => Then::End {
                state: RunState::Success,
                output: Some(output.to_string()),
                error: None,
                dead: None,
            },
            Err(because) => self.failed(None, Why::Faulty, readable(&because)),
        })
    }

    fn failed(&self, step: Option<&StepName>, why: Why, because: String) -> Then {
        let attempts = step.map_or(0, |step| self.tries.get(step).copied().unwrap_or(0) + 1);
        let dead = (why != Why::Rejected).then(|| DeadLetter {
            run_id: self.lease.run_id,
            workflow_id: self.workflow,
            reason: DeadReason::Faulty,
            step: step.map(ToString::to_string).unwrap_or_default(),
            error: because.clone(),
            attempts,
            at: self.tools.world.now(),
        });
        let error = match step {
            Some(step) => format!("{step}: {because}"),
            None => because,
        };
        Then::End { state: RunState::Failed, output: None, error: Some(error), dead }
    }

    /// What it has reached cannot be written down, so at least that is.
    async fn give_up(&self, why: &str) {
        let because = readable(&format!("What it found could not be kept: {why}"));
        let then = self.failed(None, Why::Faulty, because);
        let entry = Entry { lease: self.lease, crashes: self.crashes, attempts: Vec::new(), then };
        if let Err(Unwritten::Unwritable(error)) = self.tools.ledger.write(entry).await {
            tracing::error!(run = %self.lease.run_id, error, "a run can be neither kept nor given up");
        }
    }

    fn remember(&mut self, attempt: &Attempt) -> Result<(), Error> {
        let tries = self.tries.entry(attempt.step.clone()).or_default();
        *tries = attempt.number.max(*tries);
        if !attempt.superseded && attempt.state != AttemptState::Failed {
            self.ended_at.insert(attempt.step.clone(), attempt.finished_at);
            learn(&mut self.known, attempt)?;
        }
        Ok(())
    }
}

/// What a successful or skipped step has found is known from then on.
fn learn(known: &mut Known, attempt: &Attempt) -> Result<(), Error> {
    let found = match (&attempt.state, &attempt.output) {
        (AttemptState::Success, Some(output)) => serde_json::from_str(output)?,
        _ => Value::Null,
    };
    known.steps.insert(attempt.step.clone(), found);
    Ok(())
}

/// The most of a message that is kept.
const LONGEST_MESSAGE: usize = 2_000;

/// A message that both databases can keep and a person wants to read.
fn readable(message: &str) -> String {
    message.chars().filter(|c| *c != '\0').take(LONGEST_MESSAGE).collect()
}

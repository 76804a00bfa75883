//! A try of a step has ended: what that means for its run.

use std::sync::Arc;

use domain::run::{AttemptState, DeadReason};
use domain::workflow::Step;
use serde_json::json;

use super::{Beginning, Beside, Drive, Failure};
use crate::Error;
use crate::run::ledger::Then;
use crate::run::store::{Attempt, DeadLetter};
use crate::run::way::readable;
use crate::workflow::{Outcome, Why};

impl Drive {
    /// A try of a step has ended.
    pub(super) fn reach(
        &mut self,
        beginning: Beginning,
        outcome: Outcome,
        beside: Beside,
    ) -> Result<(), Error> {
        let Beginning { step, number, due_at, started_at } = beginning;
        let mut attempt = Attempt {
            run_id: self.lease.run_id,
            step,
            number,
            state: AttemptState::Success,
            output: None,
            confidence: None,
            error: None,
            detail: beside.detail.map(|detail| detail.to_string()),
            cost: beside.cost,
            worker: self.tools.worker.to_string(),
            lease_epoch: self.lease.lease_epoch,
            due_at,
            started_at,
            finished_at: self.tools.clock.now().max(started_at),
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
                attempt.state = AttemptState::Failed;
                attempt.error = Some(readable(&because));
                self.fail(&mut attempt, why);
            }
        }
        self.way.remember(&attempt)?;
        self.reached.push(attempt);
        self.stand_in()
    }

    /// What was done in the place of a step that failed is what that step has found.
    fn stand_in(&mut self) -> Result<(), Error> {
        let prepared = Arc::clone(&self.prepared);
        while let Some(last) = self.reached.last().filter(|last| last.state == AttemptState::Success) {
            let given_up = prepared.definition().stood_in_for(&last.step);
            let given_up = given_up.filter(|it| self.way.known.given_up.contains_key(&it.name));
            let (Some(step), Some(found)) = (given_up, self.way.known.steps.get(&last.step)) else { break };
            let attempt = Attempt {
                step: step.name.clone(),
                number: self.way.next_number(&step.name),
                output: Some(prepared.stood_in(&last.step, found).to_string()),
                detail: Some(json!({ "fallback": last.step }).to_string()),
                // It was paid for once.
                cost: None,
                due_at: last.finished_at,
                started_at: last.finished_at,
                ..last.clone()
            };
            self.way.remember(&attempt)?;
            self.reached.push(attempt);
        }
        Ok(())
    }

    /// Decides whether a failed try is followed by another.
    fn fail(&mut self, attempt: &mut Attempt, why: Why) {
        let dead = match why {
            Why::Rejected => None,
            Why::Faulty => Some(DeadReason::Faulty),
            Why::Mishap { mishap, after } => {
                let policy =
                    self.prepared.definition().step(&attempt.step).map(Step::retry).unwrap_or_default();
                let tries = self.way.failures(&attempt.step) + 1;
                if let Some(wait) = policy.wait_after(tries, mishap, self.tools.world.fraction()) {
                    // No sooner than they were asked to, and not all at once.
                    attempt.retry_at = Some(attempt.finished_at + after.unwrap_or_default() + wait);
                    return;
                }
                let last = tries >= policy.attempts;
                Some(if last { DeadReason::Exhausted } else { DeadReason::Faulty })
            }
        };
        let fallback = self.prepared.definition().step(&attempt.step).and_then(|step| step.fallback.as_ref());
        if dead.is_some() && fallback.is_some() {
            return;
        }
        let because = attempt.error.clone().unwrap_or_default();
        self.failed = Some(Failure { step: attempt.step.clone(), dead, because });
    }

    pub(super) fn end_failed(&self, Failure { step, dead, because }: &Failure) -> Then {
        let because = because.clone();
        match *dead {
            None => Then::failed(format!("{step}: {because}")),
            Some(reason) => Then::given_up(DeadLetter {
                reason,
                step: step.to_string(),
                attempts: self.way.next_number(step) - 1,
                ..self.letter(because)
            }),
        }
    }

    pub(super) fn give_up_between_steps(&self, because: &str) -> Then {
        Then::given_up(self.letter(readable(because)))
    }

    fn letter(&self, error: String) -> DeadLetter {
        DeadLetter::between_steps(self.lease.run_id, self.workflow, error, self.tools.clock.now())
    }
}

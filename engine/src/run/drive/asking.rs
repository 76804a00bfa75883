//! Steps that ask others: services and models, as far as they are to be asked now, and as far as the run may.

use std::mem::take;

use domain::workflow::{Kind, Step, StepName, Unavailable};

use super::{Beginning, Beside, Drive, Tools};
use crate::Error;
use crate::gate::{Closed, Wish};
use crate::run::store::{self, Attempt};
use crate::run::tally::Tally;
use crate::workflow::{Answer, Asking, Outcome};

/// Somebody who was to be asked has answered, or is not to be asked now.
pub struct Answered {
    beginning: Beginning,
    came: Result<Answer, Closed>,
}

/// A try that was paid for.
pub struct Paid {
    step: StepName,
    number: i64,
    cost: i64,
}

impl Paid {
    pub fn all_of(attempts: &[Attempt]) -> Vec<Self> {
        let paid = |it: &Attempt| Some(Self { step: it.step.clone(), number: it.number, cost: it.cost? });
        attempts.iter().filter_map(paid).collect()
    }
}

impl Drive {
    /// Asks, unless the run has used up what it may.
    pub(super) fn ask(&mut self, beginning: Beginning, asking: Asking) -> Result<(), Error> {
        if let Some(because) = self.used_up() {
            return self.reach(beginning, Outcome::faulty(because), Beside::default());
        }
        let budget = self.prepared.definition().budget;
        let asks_a_model = matches!(asking, Asking::Model(_));
        let per_day = budget.cost_per_day.filter(|_| asks_a_model);
        let wish = Wish { dependency: asking.dependency(), workflow: self.workflow, per_day };
        self.way.asked(&beginning.step);
        let (outbound, gate) = (self.tools.outbound.clone(), self.tools.gate.clone());
        let jobs = self.tools.jobs.clone();
        self.asked.spawn(async move {
            let came = match gate.enter(&wish).await {
                Err(closed) => Err(closed),
                Ok(()) => {
                    let answer = asking.ask(&outbound, Some(&jobs)).await;
                    gate.left(&wish, answer.heard(), answer.cost()).await;
                    Ok(answer)
                }
            };
            Answered { beginning, came }
        });
        Ok(())
    }

    pub(super) fn hear(&mut self, answered: Answered) -> Result<(), Error> {
        let Answered { beginning, came } = answered;
        match came {
            Ok(answer) => {
                let outcome = self.prepared.answered(&beginning.step, &self.way.known, &answer);
                let detail = Some(answer.detail()).filter(|detail| !detail.is_null());
                self.reach(beginning, outcome, Beside { detail, cost: answer.cost() })
            }
            Err(closed) => self.put_off(beginning, closed),
        }
    }

    /// The run has ended, here or elsewhere, while some were asked, who may cost and have something to say of themselves: they
    /// are heard to the end, and what they have cost is counted, though the run has no use for it.
    pub(super) fn let_go(&mut self, unwritten: Vec<Paid>) {
        let mut asked = take(&mut self.asked);
        if asked.is_empty() && unwritten.is_empty() {
            return;
        }
        let (tools, workflow, run) = (self.tools.clone(), self.workflow, self.lease.run_id);
        let count = async move |tools: &Tools, step: &StepName, cost: i64| {
            let mut tally = Tally::default();
            tally.cost(workflow, step, cost, tools.clock.now());
            if let Err(error) = tally.write_alone(&tools.runs.db, &tools.worker).await {
                tracing::warn!(%error, %workflow, cost, "what a model has cost could not be counted");
            }
        };
        self.tools.listening.spawn(async move {
            if !unwritten.is_empty() {
                // A commit whose answer got lost has counted them already.
                let kept = store::attempts_of(&tools.runs.db, run, i64::MAX).await.unwrap_or_default();
                let is_kept =
                    |paid: &Paid| kept.iter().any(|it| it.step == paid.step && it.number == paid.number);
                for paid in unwritten.iter().filter(|paid| !is_kept(paid)) {
                    count(&tools, &paid.step, paid.cost).await;
                }
            }
            loop {
                let answered = tokio::select! {
                    answered = asked.join_next() => answered,
                    () = tools.leaving.cancelled() => None,
                };
                let Some(answered) = answered else { return };
                let Ok(Answered { beginning, came: Ok(answer) }) = answered else { continue };
                if let Some(cost) = answer.cost() {
                    count(&tools, &beginning.step, cost).await;
                }
            }
        });
    }

    /// Nobody was asked: that is no try. The step waits, or has failed, as the definition says.
    fn put_off(&mut self, beginning: Beginning, closed: Closed) -> Result<(), Error> {
        let definition = self.prepared.definition().step(&beginning.step);
        let unavailable = definition.map(|step| step.unavailable).unwrap_or_default();
        if unavailable == Unavailable::Fail {
            return self.reach(beginning, Outcome::faulty(closed.because), Beside::default());
        }
        let Beginning { step, number, .. } = &beginning;
        // However often it comes back before it is let in, it says so once for each reason.
        let after = definition.and_then(|step| self.way.last_ended_at(&step.needs));
        let id = self.once(&format!("held {step} {number} {}", closed.because), after);
        self.note_as(id, "held", format!("{step} waits. {}", closed.because));
        self.way.put_off(&beginning.step, closed.until);
        Ok(())
    }

    /// Why this run may ask nobody any more, if it may not.
    fn used_up(&self) -> Option<String> {
        let budget = self.prepared.definition().budget;
        let asks = |step: &&Step| matches!(step.kind, Kind::Http(_) | Kind::Llm(_));
        let asked = || -> i64 {
            let steps = self.prepared.definition().steps.iter().filter(asks);
            steps.map(|step| self.way.times_asked(&step.name)).sum()
        };
        if let Some(most) = budget.attempts.filter(|most| asked() >= *most) {
            return Some(format!("Others were asked {most} times, which is all this run may."));
        }
        let spent = self.way.cost();
        budget
            .cost
            .filter(|most| spent >= *most)
            .map(|_| "The models of this run have cost as much as they may.".to_owned())
    }
}

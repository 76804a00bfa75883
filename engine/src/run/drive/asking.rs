//! Steps that ask others: services and models, as far as they are to be asked now, and as far as the run may.

use domain::workflow::{Kind, Step, Unavailable};

use super::{Beginning, Beside, Drive};
use crate::Error;
use crate::gate::{Closed, Wish};
use crate::workflow::{Answer, Asking, Outcome};

/// Somebody who was to be asked has answered, or is not to be asked now.
pub struct Answered {
    beginning: Beginning,
    came: Result<Answer, Closed>,
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
                    gate.left(&wish, answer.trouble(), answer.cost()).await;
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

    /// Nobody was asked: that is no try. The step waits, or has failed, as the definition says.
    fn put_off(&mut self, beginning: Beginning, closed: Closed) -> Result<(), Error> {
        let step = self.prepared.definition().step(&beginning.step);
        let unavailable = step.map(|step| step.unavailable).unwrap_or_default();
        if unavailable == Unavailable::Fail {
            return self.reach(beginning, Outcome::faulty(closed.because), Beside::default());
        }
        self.note("held", format!("{} waits. {}", beginning.step, closed.because));
        self.way.put_off(&beginning.step, closed.until);
        Ok(())
    }

    /// Why this run may ask nobody any more, if it may not.
    fn used_up(&self) -> Option<String> {
        let budget = self.prepared.definition().budget;
        let asks = |step: &&Step| matches!(step.kind, Kind::Http(_) | Kind::Llm(_));
        let asked = || -> i64 {
            let steps = self.prepared.definition().steps.iter().filter(asks);
            steps.map(|step| self.way.tries(&step.name)).sum()
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

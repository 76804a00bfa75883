//! Steps that wait: for time, for a signal, for a person.

use std::sync::Arc;

use domain::ids::ReviewId;
use domain::review::{Ground, Level, ReviewState};
use domain::workflow::{Lapse, Wait};
use serde_json::json;

use super::{Beginning, Beside, Drive};
use crate::Error;
use crate::review::{Handed, Opened, Review};
use crate::run::store::Waits;
use crate::workflow::{Decided, Outcome, PreparedReview, waited};

impl Drive {
    /// Ends a wait that is over; begins one that is not known yet.
    pub(super) fn wait(&mut self, beginning: Beginning, wait: &Wait) -> Result<(), Error> {
        let now = self.way.now(self.tools.clock.now());
        let (span, signal) = match wait {
            Wait::For(span) => (span, None),
            Wait::Signal { name, within, .. } => (within, Some(name)),
        };
        let known = self.way.waits(&beginning.step);
        let (since, until) = known.unwrap_or((now, now + span.duration()));
        let payload = signal.and_then(|name| self.way.signal(name)).cloned();
        if payload.is_some() || until <= now {
            let beginning = Beginning { started_at: since, due_at: since.min(beginning.due_at), ..beginning };
            return self.reach(beginning, waited(wait, payload), Beside::default());
        }
        if known.is_none() {
            self.way.wait(&beginning.step, since, until);
            let (run_id, step) = (self.lease.run_id, beginning.step);
            self.waits.push(Waits { run_id, step, signal: signal.cloned(), since, until });
        }
        Ok(())
    }

    /// Has a person look, if there is a ground to, or by chance.
    pub(super) fn look(
        &mut self,
        beginning: Beginning,
        prepared: &PreparedReview,
        mut grounds: Vec<Ground>,
    ) -> Result<(), Error> {
        let asked = prepared.review();
        if grounds.is_empty() {
            let sample = asked.sample.filter(|sample| self.tools.world.fraction() < *sample);
            let Some(sample) = sample else {
                let outcome = prepared.passed(&self.way.known);
                return self.reach(beginning, outcome, Beside::default());
            };
            grounds.push(Ground::drawn(sample));
        }
        let now = self.way.now(self.tools.clock.now());
        let known = &self.way.known;
        let found = known.steps.get(&asked.of).filter(|_| !known.given_up.contains_key(&asked.of));
        let opened = Opened {
            id: ReviewId(self.tools.world.id()),
            run_id: self.lease.run_id,
            step: beginning.step,
            workflow_id: self.workflow,
            grounds,
            found: found.map(ToString::to_string),
            confidence: known.confidence.get(&asked.of).copied(),
            opened_at: now,
            due_at: now + asked.within.duration(),
        };
        self.way.look(Review::from(&opened));
        self.looking.opened.push(opened);
        Ok(())
    }

    /// Goes by what was decided, or by the clock.
    pub(super) fn looked_at(
        &mut self,
        beginning: Beginning,
        prepared: &Arc<PreparedReview>,
        review: Review,
    ) -> Result<(), Error> {
        let now = self.way.now(self.tools.clock.now());
        let asked = prepared.review();
        let detail = json!({ "review": review.id });
        let opened_at = review.opened_at;
        let beginning =
            Beginning { started_at: opened_at, due_at: opened_at.min(beginning.due_at), ..beginning };
        if let (ReviewState::Decided, Some(verdict)) = (review.state, review.verdict) {
            let decided = Decided {
                verdict,
                output: review.output.as_deref().map(serde_json::from_str).transpose()?,
                reason: review.reason,
                by: review.decided_name.unwrap_or_default(),
            };
            let outcome = prepared.decided(&self.way.known, decided);
            return self.reach(beginning, outcome, detail.into());
        }
        if now < review.due_at {
            return Ok(());
        }
        let outcome = match (asked.otherwise, review.level) {
            (Lapse::Escalate, Level::Reviewers) => {
                let due_at = now + asked.within.duration();
                self.looking.handed.push(Handed { id: review.id, due_at });
                let detail = format!("Nobody has decided within {}: the managers are asked.", asked.within);
                self.note("escalated", detail);
                self.way.look(Review { level: Level::Managers, due_at, ..review });
                return Ok(());
            }
            (Lapse::Default, _) => prepared.defaulted(&self.way.known),
            (Lapse::Escalate, Level::Managers) => Outcome::faulty(format!(
                "Neither reviewers nor managers have decided, who had {} each.",
                asked.within
            )),
            (Lapse::Fail, _) => Outcome::faulty(format!("Nobody has decided within {}.", asked.within)),
        };
        self.looking.lapsed.push((review.id, review.due_at));
        self.reach(beginning, outcome, detail.into())
    }
}

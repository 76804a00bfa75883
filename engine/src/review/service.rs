//! What people do with reviews. Like the workers, they take the task of a run first, and so never wait in a circle; and
//! whoever has it decides alone whether a decision came in time.

use chrono::{DateTime, Utc};
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::ReviewId;
use domain::people::Permission;
use domain::review::{Level, ReviewState, Said, Verdict};
use serde_json::{Value, json};

use super::look::no_such_review;
use super::store::{self, Decision, Handed, Review};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::{Db, Tx};
use crate::run::Runs;

/// The use cases of reviews.
#[derive(Clone)]
pub struct Reviews {
    pub(super) db: Db,
    pub(super) runs: Runs,
}

impl Reviews {
    pub const fn new(db: Db, runs: Runs) -> Self {
        Self { db, runs }
    }

    /// Somebody has looked, and decided. The run goes on, or ends if it was rejected. The same decision again by the
    /// same person changes nothing.
    pub async fn decide(&self, act: &Act, id: ReviewId, said: Said) -> Result<(), Error> {
        act.need(Permission::Decide)?;
        let (whole, prepared) = self.whole(id).await?;
        let found = whole.review.found.as_deref().map(serde_json::from_str::<Value>).transpose()?;
        let said = said.checked(found.as_ref(), &whole.asked.reasons)?;
        if let Some(output) = &said.output {
            let faults = prepared.faults_of(output);
            if !faults.is_empty() {
                return Err(Fault::misfit("output", faults, "The correction does not fit its schema.").into());
            }
        }
        let by = act.author();
        let mut tx = self.db.begin().await?;
        let began = tx.clock(&act.world).await?;
        self.runs.wake(&mut tx, whole.run.id, began).await?;
        // Whoever has waited for the task may be too late by now.
        let at = tx.clock(&act.world).await?;
        let review = store::hold(&mut tx, id).await?.ok_or_else(no_such_review)?;
        let decision = Decision {
            verdict: said.verdict,
            output: said.output.as_ref().map(serde_json::to_string).transpose()?,
            reason: said.reason,
            comment: said.comment,
            by,
            at,
        };
        if is_the_same(&review, &decision) {
            return Ok(());
        }
        must_be_open(&review, at)?;
        if review.level == Level::Managers {
            act.need(Permission::DecideEscalated)?;
        }
        store::decide(&mut tx, id, &decision).await?;
        let did = format!("{} what “{}” found", decision.verdict.label(), whole.asked.of);
        let detail = because(did, decision.reason.as_deref());
        self.runs.note(&mut tx, act, whole.run.id, "decided", &detail).await?;
        self.runs.count_decision(&mut tx, &review, decision.verdict != Verdict::Accept, at).await?;
        let after =
            json!({ "state": ReviewState::Decided, "verdict": decision.verdict, "reason": decision.reason });
        self.record(&mut tx, act, &review, Action::ReviewDecided, after, whole.workflow.as_str()).await?;
        tx.commit().await?;
        self.runs.ring();
        Ok(())
    }

    /// A reviewer wants the managers to decide.
    pub async fn escalate(&self, act: &Act, id: ReviewId, comment: Option<&str>) -> Result<(), Error> {
        act.need(Permission::Decide)?;
        let (whole, _) = self.whole(id).await?;
        let comment = Said::remark("comment", comment)?;
        let comment = comment.as_deref();
        let mut tx = self.db.begin().await?;
        let began = tx.clock(&act.world).await?;
        // The run is to know of the later end.
        self.runs.wake(&mut tx, whole.run.id, began).await?;
        let at = tx.clock(&act.world).await?;
        let due_at = at + whole.asked.within.duration();
        let review = store::hold(&mut tx, id).await?.ok_or_else(no_such_review)?;
        must_be_open(&review, at)?;
        if review.level == Level::Managers {
            return Err(Fault::conflict("This review is with the managers already.").into());
        }
        store::hand_on(&mut tx, &[Handed { id, due_at }]).await?;
        let detail = because(format!("Handed what “{}” found to the managers", whole.asked.of), comment);
        self.runs.note(&mut tx, act, whole.run.id, "escalated", &detail).await?;
        let after = json!({ "level": Level::Managers, "comment": comment });
        self.record(&mut tx, act, &review, Action::ReviewEscalated, after, whole.workflow.as_str()).await?;
        tx.commit().await?;
        self.runs.ring();
        Ok(())
    }

    /// The last thing before the commit.
    async fn record(
        &self,
        tx: &mut Tx,
        act: &Act,
        review: &Review,
        action: Action,
        after: Value,
        name: &str,
    ) -> Result<(), Error> {
        let entry = Entry {
            action,
            thing: Thing::Review,
            thing_id: review.id.to_string(),
            thing_name: name,
            before: Some(json!({ "state": review.state, "level": review.level })),
            after: Some(after),
        };
        record(tx, act, entry).await
    }
}

fn is_the_same(review: &Review, decision: &Decision) -> bool {
    review.state == ReviewState::Decided
        && review.decided_by.is_some()
        && review.decided_by == decision.by.0
        && review.verdict == Some(decision.verdict)
        && review.output == decision.output
}

/// Says in words why it is too late.
fn must_be_open(review: &Review, at: DateTime<Utc>) -> Result<(), Fault> {
    let message = match review.state {
        ReviewState::Open if at < review.due_at => return Ok(()),
        ReviewState::Open | ReviewState::Lapsed => "The time for this review has run out.".to_owned(),
        ReviewState::Decided => {
            let by = review.decided_name.as_deref().unwrap_or("Somebody");
            format!("{by} has decided this review already.")
        }
        ReviewState::Withdrawn => "This review is not needed any more: its run was ended.".to_owned(),
    };
    Err(Fault::conflict(message))
}

/// What was done, and why if somebody has said so.
fn because(did: String, why: Option<&str>) -> String {
    match why {
        Some(why) => format!("{did}: {why}"),
        None => did + ".",
    }
}

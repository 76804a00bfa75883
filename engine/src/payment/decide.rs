//! Deciding about what was found: it is accepted with a reason, or the person is held to the next batch.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::{BatchId, LineId, PaymentId, ReversalId, SubjectId};
use domain::payment::{FindingKind, ThresholdsDraft};
use domain::people::Permission;
use domain::timesheet::{LineNote, LineState};
use serde_json::json;

use super::Payments;
use super::look::{no_such_batch, no_such_payment};
use super::store;
use super::store::batch::Batch;
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Tx;
use crate::timesheet;

impl Payments {
    /// Accepts what was found about somebody, or about the batch: all of these or, if one of them says something else by
    /// now, none.
    pub async fn accept(
        &self,
        act: &Act,
        batch: BatchId,
        subject: SubjectId,
        said: &[(FindingKind, String)],
        reason: &str,
    ) -> Result<(), Error> {
        act.need(Permission::ApprovePay)?;
        let reason = reason_of(reason)?;
        let mut tx = self.db.begin().await?;
        // What is said to a finding is part of what is approved, and so must not change meanwhile.
        store::due::take_turn(&mut tx).await?;
        let batch = open(&mut tx, batch).await?;
        let by = (act.person().ok().map(|me| me.id), act.at);
        not_own(act, subject)?;
        for (kind, sentence) in said {
            if !store::finding::accept(&mut tx, batch.id, (subject, *kind), sentence, &reason, by).await? {
                let message = "This has changed since you opened the page. Look at it once more.";
                return Err(Fault::conflict(message).into());
            }
        }
        let sentences: Vec<_> = said.iter().map(|(_, sentence)| sentence).collect();
        let after = json!({ "about": subject, "findings": sentences, "reason": reason });
        tell(&mut tx, act, Action::FindingAccepted, &batch, after).await?;
        Ok(tx.commit().await?)
    }

    /// Pays somebody with the next batch and not with this one.
    pub async fn hold(&self, act: &Act, payment: PaymentId, reason: &str) -> Result<BatchId, Error> {
        let reason = reason_of(reason)?;
        self.set_hold(act, payment, Some(&reason)).await
    }

    pub async fn let_go(&self, act: &Act, payment: PaymentId) -> Result<BatchId, Error> {
        self.set_hold(act, payment, None).await
    }

    async fn set_hold(&self, act: &Act, payment: PaymentId, reason: Option<&str>) -> Result<BatchId, Error> {
        act.need(Permission::ApprovePay)?;
        let mut tx = self.db.begin().await?;
        store::due::take_turn(&mut tx).await?;
        let payment = store::look::payment_in(&mut tx, payment).await?.ok_or_else(no_such_payment)?;
        let batch = open(&mut tx, payment.batch_id).await?;
        not_own(act, payment.person_id)?;
        let held = reason.map(|reason| (reason, act.person().ok().map(|me| me.id), act.at));
        store::payment::hold(&mut tx, payment.id, held).await?;
        // The sum of the batch is another one now.
        store::batch::touch(&mut tx, batch.id).await?;
        let action = if reason.is_some() { Action::PaymentHeld } else { Action::PaymentLetGo };
        let after = json!({ "payment": payment.id, "person": payment.person_name, "reason": reason });
        tell(&mut tx, act, action, &batch, after).await?;
        tx.commit().await?;
        self.settle(act).await?;
        Ok(batch.id)
    }

    /// Takes a line back that was approved: what was paid for it is made up for by the next payment, and the work can be
    /// entered once more.
    pub async fn reverse(&self, act: &Act, line: LineId, reason: &str) -> Result<(), Error> {
        act.need(Permission::ApprovePay)?;
        let reason = reason_of(reason)?;
        let gone = || Fault::not_found("There is no such line.");
        let mut tx = self.db.begin().await?;
        let line = timesheet::release(&mut tx, line).await?.ok_or_else(gone)?;
        not_own(act, line.person_id)?;
        let by = (act.person().ok().map(|me| me.id), act.at);
        let id = ReversalId(act.world.id());
        if !store::payment::reverse(&mut tx, id, line.id, &reason, by).await? {
            let message = match line.state {
                LineState::Approved => "This line was taken back already.",
                _ => "This line is not approved yet: return it instead.",
            };
            return Err(Fault::conflict(message).into());
        }
        super::due::person(&mut tx, act, line.person_id).await?;
        let thing_name = format!("Line of {}", line.work_on);
        let entry = Entry {
            action: Action::LineReversed,
            thing: Thing::Timesheet,
            thing_id: line.id.to_string(),
            thing_name: &thing_name,
            before: Some(&line),
            after: Some(json!({ "reversal": id, "reason": reason })),
        };
        record(&mut tx, act, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Sets from when on something is said. Every open batch is looked through again.
    pub async fn set_thresholds(
        &self,
        act: &Act,
        version: i64,
        draft: &ThresholdsDraft,
    ) -> Result<(), Error> {
        act.need(Permission::ManagePay)?;
        let thresholds = draft.parse()?;
        let (before, _) = store::batch::thresholds(&self.db).await?;
        let mut tx = self.db.begin().await?;
        if !store::batch::set_thresholds(&mut tx, &serde_json::to_string(&thresholds)?, version).await? {
            let message = "Somebody else has changed this since you opened the page. Reload, then try again.";
            return Err(Fault::conflict(message).into());
        }
        store::batch::unsettle(&mut tx).await?;
        let entry = Entry {
            action: Action::ThresholdsSet,
            thing: Thing::Batch,
            thing_id: "thresholds".to_owned(),
            thing_name: "Thresholds",
            before: Some(before),
            after: Some(thresholds),
        };
        record(&mut tx, act, entry).await?;
        Ok(tx.commit().await?)
    }
}

/// Nobody decides about what they get themselves.
fn not_own(act: &Act, about: impl Into<SubjectId>) -> Result<(), Fault> {
    let about = about.into();
    if act.person().is_ok_and(|me| SubjectId::from(me.id) == about) {
        return Err(Fault::forbidden("This is your own pay. Somebody else has to decide."));
    }
    Ok(())
}

fn reason_of(text: &str) -> Result<String, Fault> {
    let reason = LineNote::parse(text)
        .map_err(|_| Fault::field("reason", "Say in a sentence of at most 500 characters why."))?;
    Ok(reason.to_string())
}

/// A batch that can still change.
async fn open(tx: &mut Tx, id: BatchId) -> Result<Batch, Error> {
    let batch = store::batch::by_id_in(tx, id).await?.ok_or_else(no_such_batch)?;
    if !batch.is_open() {
        return Err(Fault::conflict("This batch is approved and stays as it is.").into());
    }
    Ok(batch)
}

pub(super) async fn tell(
    tx: &mut Tx,
    act: &Act,
    action: Action,
    batch: &Batch,
    after: serde_json::Value,
) -> Result<(), Error> {
    let name = format!("{}, {}", batch.currency, batch.period());
    let entry: Entry<'_, (), _> = Entry {
        action,
        thing: Thing::Batch,
        thing_id: batch.id.to_string(),
        thing_name: &name,
        before: None,
        after: Some(after),
    };
    record(tx, act, entry).await
}

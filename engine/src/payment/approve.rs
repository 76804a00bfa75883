//! Approving: one step, for exactly what was shown.

use domain::Fault;
use domain::audit::Action;
use domain::ids::{BatchId, PersonId};
use domain::people::Permission;
use serde_json::json;

use super::Payments;
use super::decide::tell;
use super::look::no_such_batch;
use super::seen;
use super::store;
use crate::Error;
use crate::act::Act;
use crate::db::Db;
use crate::payout;
use crate::secret::to_hex;

/// What came of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Approved,
    /// Somebody else has to approve it, too.
    NeedsAnother,
}

/// Why somebody does not approve a batch alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stakes {
    pub own_pay: bool,
    pub own_rates: bool,
    /// They have entered where somebody else is paid to: such a batch is not for them to approve, alone or not.
    pub own_edits: bool,
}

impl Stakes {
    pub(super) async fn of(db: &Db, act: &Act, batch: BatchId) -> Result<Self, Error> {
        let Ok(me) = act.person() else { return Ok(Self::default()) };
        let (own_pay, own_rates) = store::approval::stakes(db, batch, me.id).await?;
        let own_edits = store::account::is_by(db, batch, me.id, act.at).await?;
        Ok(Self { own_pay, own_rates, own_edits })
    }

    pub const fn any(self) -> bool {
        self.own_pay || self.own_rates
    }
}

impl Payments {
    /// Approves a batch as it was shown, which its hash says. If it is another one by now, nothing is approved.
    pub async fn approve(&self, act: &Act, id: BatchId, shown: &str) -> Result<Outcome, Error> {
        act.need(Permission::ApprovePay)?;
        let me = act.person()?.id;
        // What was submitted or returned until now is in it, and not only when the next worker comes by.
        self.consolidate(act).await?;
        let whole = self.batch(act, id).await?;
        if !whole.batch.is_open() {
            return Err(Fault::conflict("This batch is approved already.").into());
        }
        if whole.digest != shown {
            return Err(changed());
        }
        if whole.stakes.own_edits {
            let message =
                "You have entered where somebody of this batch is paid to. Somebody else has to approve it.";
            return Err(Fault::forbidden(message).into());
        }
        if !whole.ready.is_over {
            let until = whole.batch.period().until.format("%-d %B %Y");
            let message = format!("Its last day is {until}. It can be approved when that is over.");
            return Err(Fault::conflict(message).into());
        }
        if whole.people == 0 {
            return Err(
                Fault::conflict("Nobody is paid with this batch, so there is nothing to approve.").into()
            );
        }
        if whole.open > 0 {
            let message = match whole.open {
                1 => "Something still needs you: accept it, hold the person or return the line.".to_owned(),
                n => format!("{n} still need you: accept them, hold the person or return the line."),
            };
            return Err(Fault::conflict(message).into());
        }
        self.approve_now(act, me, id, shown, whole.stakes).await
    }

    /// What was looked at holds for what has the same hash.
    async fn approve_now(
        &self,
        act: &Act,
        me: PersonId,
        id: BatchId,
        shown: &str,
        stakes: Stakes,
    ) -> Result<Outcome, Error> {
        let mut tx = self.db.begin().await?;
        store::due::take_turn(&mut tx).await?;
        let batch = store::batch::by_id_in(&mut tx, id).await?.ok_or_else(no_such_batch)?;
        if !batch.is_open() {
            return Err(Fault::conflict("Somebody else has approved this batch a moment ago.").into());
        }
        // From here on nobody writes payments. What is approved is what they are now.
        let payments = store::look::payments_in(&mut tx, id).await?;
        let found = store::finding::of_in(&mut tx, id).await?;
        let accounts = store::account::of_in(&mut tx, id, act.at).await?;
        let digest = seen::digest(&batch, &payments, &accounts, &found);
        let hash = to_hex(&digest);
        if hash != shown || batch.settled != batch.version {
            return Err(changed());
        }
        let others = store::approval::same(&mut tx, id, &digest).await?;
        store::approval::put(&mut tx, id, me, &digest, act.at).await?;
        if stakes.any() && !others.iter().any(|other| *other != me) {
            tell(&mut tx, act, Action::BatchFirstApproved, &batch, json!({ "hash": hash })).await?;
            tx.commit().await?;
            return Ok(Outcome::NeedsAnother);
        }
        let (lines, people, minor) = store::approval::sums(&mut tx, id).await?;
        let approved = store::approval::approve_lines(&mut tx, id, act.at).await?;
        let taken_back = store::approval::take_back(&mut tx, id).await?;
        if i64::try_from(approved + taken_back).ok() != Some(lines)
            || !store::approval::carry(&mut tx, id).await?
        {
            // Somebody has changed or returned a line since it was consolidated.
            return Err(changed());
        }
        let held = store::approval::going_on(&mut tx, id).await?;
        store::payment::empty(&mut tx, &held).await?;
        store::due::mark_others(&mut tx, id, act.world.id(), act.at).await?;
        store::account::bind(&mut tx, id, act.at).await?;
        store::batch::approve(&mut tx, id, &digest, act.at).await?;
        store::due::count_approval(&mut tx).await?;
        payout::ready(&mut tx, act, id).await?;
        let after = json!({
            "hash": hash, "people": people, "lines": lines, "minor": minor, "currency": batch.currency,
            "held": held.len(), "approved_by": others.into_iter().chain([me]).collect::<Vec<_>>(),
        });
        tell(&mut tx, act, Action::BatchApproved, &batch, after).await?;
        tx.commit().await?;
        Ok(Outcome::Approved)
    }
}

fn changed() -> Error {
    let message = "This batch has changed since you opened it, so nothing was approved. Look at what is different, \
                   then approve it as it is now.";
    Fault::conflict(message).into()
}

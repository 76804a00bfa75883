//! Paying again what did not arrive, and for the first time what had nowhere to go: another transfer, linked to the one it
//! follows.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::{BatchId, PaymentId, TransferId};
use domain::people::Permission;
use serde_json::json;

use super::Payouts;
use super::store::transfer::{self, New};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Tx;
use crate::payment;

impl Payouts {
    /// Has a payment that nothing pays be sent to where its person is paid to now.
    pub async fn again(&self, act: &Act, id: PaymentId) -> Result<BatchId, Error> {
        act.need(Permission::SendPay)?;
        let me = act.person_in_browser()?.id;
        let mut tx = self.db.begin().await?;
        payment::take_turn(&mut tx).await?;
        let stuck = transfer::stuck_payment(&mut tx, id, act.at).await?;
        let stuck = stuck.ok_or_else(|| {
            Fault::conflict(
                "This payment is on its way, or is none that could be sent. Reload to see what became of it.",
            )
        })?;
        if stuck.person_id == me {
            return Err(Fault::forbidden("This is your own pay. Somebody else has to send it.").into());
        }
        let (Some(account_id), Some(method)) = (stuck.account_id, stuck.method) else {
            return Err(Fault::conflict(
                "They have no account that counts. Ask them to enter one under My pay.",
            )
            .into());
        };
        if !method.takes(&stuck.currency) {
            let message =
                format!("Their account takes no {}. Ask them to enter another one.", stuck.currency);
            return Err(Fault::conflict(message).into());
        }
        // What was approved to go elsewhere goes here by this alone.
        if stuck.entered_by == Some(me) {
            return Err(Fault::forbidden(
                "You have entered this account. Somebody else has to send pay there.",
            )
            .into());
        }
        let new = New {
            id: TransferId(act.world.id()),
            payment_id: id,
            batch_id: stuck.batch_id,
            account_id,
            minor: stuck.minor,
            follows: stuck.last,
            by: Some(me),
            at: act.at,
        };
        transfer::put(&mut tx, &[new]).await?;
        let entry: Entry<'_, (), _> = Entry {
            action: Action::TransferAgain,
            thing: Thing::Payout,
            thing_id: id.to_string(),
            thing_name: stuck.person_name.as_str(),
            before: None,
            after: Some(json!({ "account": stuck.shown, "minor": stuck.minor, "follows": stuck.last })),
        };
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        Ok(stuck.batch_id)
    }
}

/// Others that follow these, to the same accounts.
pub(super) async fn follow(tx: &mut Tx, act: &Act, ids: &[TransferId]) -> Result<(), Error> {
    let by = act.person().ok().map(|me| me.id);
    let new: Vec<_> = transfer::ways(tx, ids)
        .await?
        .into_iter()
        .map(|it| New {
            id: TransferId(act.world.id()),
            payment_id: it.payment_id,
            batch_id: it.batch_id,
            account_id: it.account_id,
            minor: it.minor,
            follows: Some(it.id),
            by,
            at: act.at,
        })
        .collect();
    Ok(transfer::put(tx, &new).await?)
}

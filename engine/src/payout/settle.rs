//! What has become of transfers.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::{PayoutFileId, TransferId};
use domain::payout::{OutcomeDraft, TransferState};
use domain::people::Permission;
use serde_json::json;

use super::Payouts;
use super::make::tell;
use super::service::no_such_file;
use super::store::file::{self, PayoutFile};
use super::store::transfer;
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};

impl Payouts {
    /// Says what has become of one transfer; answers which file it is in.
    pub async fn settle(
        &self,
        act: &Act,
        id: TransferId,
        draft: &OutcomeDraft,
    ) -> Result<Option<PayoutFileId>, Error> {
        act.need(Permission::SendPay)?;
        let me = act.person_in_browser()?.id;
        let (state, reason) = draft.parse()?;
        let mut tx = self.db.begin().await?;
        let it = transfer::by_id_in(&mut tx, id).await?;
        let it = it.ok_or_else(|| Fault::not_found("There is no such payment."))?;
        // Whoever says that a payment has failed has it paid again.
        if me == it.person_id {
            return Err(Fault::forbidden(
                "This is your own pay. Somebody else has to say what became of it.",
            )
            .into());
        }
        if !it.state.may_become(state) {
            let message =
                format!("This payment is “{}” and cannot become “{}”.", it.state.label(), state.label());
            return Err(Fault::conflict(message).into());
        }
        if !transfer::settle(&mut tx, &[id], it.state, state, reason.as_deref(), act.at).await? {
            return Err(
                Fault::conflict("Somebody else was faster. Reload to see what they have said.").into()
            );
        }
        let entry = Entry {
            action: Action::TransfersSettled,
            thing: Thing::Payout,
            thing_id: it.id.to_string(),
            thing_name: it.reference.as_str(),
            before: Some(json!({ "state": it.state })),
            after: Some(
                json!({ "state": state, "reason": reason, "person": it.person_name, "payment": it.payment_id }),
            ),
        };
        super::tell::settled(&mut tx, act, std::iter::once((&it, state, reason.as_deref()))).await?;
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        Ok(it.file_id)
    }

    /// Everything in a file that nobody has said anything about was paid.
    pub async fn all_paid(&self, act: &Act, id: PayoutFileId) -> Result<usize, Error> {
        act.need(Permission::SendPay)?;
        act.person_in_browser()?;
        let mut tx = self.db.begin().await?;
        let row = file::by_id_in(&mut tx, id).await?.ok_or_else(no_such_file)?;
        let sent = transfer::sent_in(&mut tx, id).await?;
        if sent.is_empty() {
            return Err(Fault::conflict("Something is known of each of these already.").into());
        }
        if !transfer::settle(&mut tx, &sent, TransferState::Sent, TransferState::Paid, None, act.at).await? {
            return Err(
                Fault::conflict("Somebody else was faster. Reload to see what they have said.").into()
            );
        }
        let entry: Entry<'_, (), _> = Entry {
            action: Action::TransfersSettled,
            thing: Thing::Payout,
            thing_id: id.to_string(),
            thing_name: &row.name,
            before: None,
            after: Some(json!({ "state": TransferState::Paid, "transfers": sent.len() })),
        };
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        Ok(sent.len())
    }

    /// A file was not sent to anybody: its transfers have failed, and are ready to be sent by another one.
    pub async fn withdraw(&self, act: &Act, id: PayoutFileId) -> Result<PayoutFile, Error> {
        act.need(Permission::SendPay)?;
        let me = act.person_in_browser()?.id;
        let mut tx = self.db.begin().await?;
        crate::payment::take_turn(&mut tx).await?;
        let row = file::by_id_in(&mut tx, id).await?.ok_or_else(no_such_file)?;
        let sent = transfer::sent_in(&mut tx, id).await?;
        if i64::try_from(sent.len()).ok() != Some(row.transfers)
            || !file::withdraw(&mut tx, id, me, act.at).await?
        {
            let message = "Something has become of payments of this file, so it was sent. Say of each what became of it.";
            return Err(Fault::conflict(message).into());
        }
        let why = Some("The file was not sent.");
        if transfer::is_of(&mut tx, id, me).await? {
            return Err(
                Fault::forbidden("Your own pay is in this file. Somebody else has to withdraw it.").into()
            );
        }
        if !transfer::settle(&mut tx, &sent, TransferState::Sent, TransferState::Failed, why, act.at).await? {
            return Err(
                Fault::conflict("Somebody else was faster. Reload to see what they have said.").into()
            );
        }
        super::again::follow(&mut tx, act, &sent).await?;
        let of_file = transfer::of_file_in(&mut tx, id).await?;
        super::tell::not_sent(&mut tx, act, &of_file).await?;
        tell(&mut tx, act, Action::PayoutWithdrawn, &row).await?;
        tx.commit().await?;
        Ok(row)
    }
}

//! Making a payment file: from then on its transfers are sent, and no other file has them.

use chrono::{Days, NaiveDate};
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::{BatchId, PayoutFileId};
use domain::payment::BatchState;
use domain::payout::{Format, Instruction, Order};
use domain::people::Permission;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Payouts;
use super::service::no_such_file;
use super::store::file::{self, PayoutFile};
use super::store::transfer::{self, Waiting};
use super::store::{self, batch};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Tx;
use crate::payee::unseal;
use crate::payment;
use crate::secret::to_hex;

/// Banks take nothing for later than that.
const AHEAD: u64 = 90;

impl Payouts {
    /// Makes the file for all that is usually paid by one format and is not in a file yet.
    pub async fn make(
        &self,
        act: &Act,
        id: BatchId,
        usual: Format,
        format: Format,
        pay_on: &str,
    ) -> Result<PayoutFile, Error> {
        act.need(Permission::SendPay)?;
        let me = act.person_in_browser()?.id;
        if !usual.instead().contains(&format) {
            return Err(Fault::field("format", "These cannot be paid by such a file.").into());
        }
        let pay_on = day(act, pay_on)?;
        let mut tx = self.db.begin().await?;
        payment::take_turn(&mut tx).await?;
        let paid = batch::by_id(&mut tx, id).await?;
        let paid = paid.ok_or_else(|| Fault::not_found("There is no such batch."))?;
        if paid.state != BatchState::Approved {
            return Err(
                Fault::conflict("This batch is not approved yet, so nothing of it can be paid.").into()
            );
        }
        let mut waiting = transfer::waiting(&mut tx, id).await?;
        waiting.retain(|it| Format::usual(it.method, it.country.as_deref(), &paid.currency) == usual);
        // What is more than one file takes is ready for the next.
        waiting.truncate(format.most());
        if waiting.is_empty() {
            return Err(Fault::conflict("All of these are in a file already. Reload to see it.").into());
        }
        if waiting.iter().any(|it| it.entered_by == me && it.person_id != me) {
            let message =
                "You have entered where somebody of these is paid to. Somebody else has to make the file.";
            return Err(Fault::forbidden(message).into());
        }
        let file_id = PayoutFileId(act.world.id());
        let text = format!("Pay, {}", paid.period());
        let instructions =
            waiting.iter().map(|it| self.instruction(it, &text)).collect::<Result<Vec<_>, _>>()?;
        let order = Order {
            id: file_id.0,
            made_at: act.at,
            pay_on,
            currency: paid.currency.clone(),
            before_today: file::made_on(&mut tx, format, act.at.date_naive()).await?,
            payer: store::payer::get_in(&mut tx).await?,
            instructions,
        };
        let content = format.write(&order)?;
        let row = PayoutFile::new(
            file_id,
            id,
            format,
            &order,
            Sha256::digest(&content).to_vec(),
            content.len(),
            me,
        );
        let sealed = self.seal.seal_bytes(&act.world, &purpose(file_id), content.as_bytes())?;
        file::put(&mut tx, &row, &sealed).await?;
        let ids: Vec<_> = waiting.iter().map(|it| it.id).collect();
        transfer::send(&mut tx, &ids, file_id, act.at).await?;
        super::tell::sent(&mut tx, act, &waiting, (&paid.currency, paid.period(), pay_on)).await?;
        tell(&mut tx, act, Action::PayoutMade, &row).await?;
        let row = file::by_id_in(&mut tx, file_id).await?.ok_or_else(no_such_file)?;
        tx.commit().await?;
        Ok(row)
    }

    fn instruction(&self, it: &Waiting, text: &str) -> Result<Instruction, Error> {
        Ok(Instruction {
            reference: it.reference.clone(),
            person: it.person_name.to_string(),
            account: unseal(&self.seal, it.account_id, &it.sealed)?,
            minor: it.minor,
            text: text.to_owned(),
        })
    }

    /// A file as it was made, byte for byte. It names accounts in full, and so each time is written down.
    pub async fn fetch(&self, act: &Act, id: PayoutFileId) -> Result<(PayoutFile, Vec<u8>), Error> {
        act.need(Permission::SendPay)?;
        act.person_in_browser()?;
        // Before the transaction: whoever holds a connection must not wait for another.
        let known = file::by_id(&self.db, id).await?.ok_or_else(no_such_file)?;
        let content = self.content(&known).await?;
        let mut tx = self.db.begin().await?;
        let row = file::by_id_in(&mut tx, id).await?.ok_or_else(no_such_file)?;
        if row.withdrawn_at.is_some() {
            let message = "This file was withdrawn, and other files pay what it would have paid. Nobody should send it.";
            return Err(Fault::conflict(message).into());
        }
        tell(&mut tx, act, Action::PayoutFetched, &row).await?;
        tx.commit().await?;
        Ok((row, content))
    }

    /// What is in a file, which has not changed since it was made.
    pub(super) async fn content(&self, row: &PayoutFile) -> Result<Vec<u8>, Error> {
        let sealed = file::sealed(&self.db, row.id).await?.ok_or_else(no_such_file)?;
        let content = self.seal.open_bytes(&purpose(row.id), &sealed);
        let content = content.ok_or(Error::Seal("a payment file was not sealed with this key"))?;
        if Sha256::digest(&content).as_slice() != row.digest {
            return Err(Error::Seal("a payment file is not what its hash says"));
        }
        Ok(content)
    }
}

fn purpose(id: PayoutFileId) -> String {
    format!("payout:{id}")
}

/// Today or later, wherever whoever asks is.
fn day(act: &Act, text: &str) -> Result<NaiveDate, Fault> {
    let today = act.person()?.zone.local(act.at).date_naive();
    let wrong = |message: &'static str| Fault::field("pay_on", message);
    let on: NaiveDate = text.trim().parse().map_err(|_| wrong("Enter a day like 2026-11-30."))?;
    if on < today {
        return Err(wrong("This day is over. Banks take today or later."));
    }
    if on > today + Days::new(AHEAD) {
        return Err(wrong("Banks take nothing for later than in ninety days."));
    }
    Ok(on)
}

pub(super) async fn tell(tx: &mut Tx, act: &Act, action: Action, file: &PayoutFile) -> Result<(), Error> {
    let entry: Entry<'_, (), _> = Entry {
        action,
        thing: Thing::Payout,
        thing_id: file.id.to_string(),
        thing_name: &file.name,
        before: None,
        after: Some(json!({
            "batch": file.batch_id, "format": file.format, "sha256": to_hex(&file.digest), "transfers": file.transfers,
            "minor": file.minor, "pay_on": file.pay_on,
        })),
    };
    record(tx, act, entry).await
}

//! Who pays, and from which account.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::payee::HolderName;
use domain::payout::{Payer, PayerDraft};
use domain::people::Permission;
use serde_json::{Value, json};

use super::Payouts;
use super::store;
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};

impl Payouts {
    /// As it was set, with its version; 0 as long as nobody has.
    pub async fn payer(&self, act: &Act) -> Result<(Option<Payer>, i64), Error> {
        act.need(Permission::SeePay)?;
        store::payer::get(&self.db).await
    }

    /// What whoever pays is called, for those who are paid.
    pub async fn payer_name(&self) -> Result<Option<HolderName>, Error> {
        Ok(store::payer::get(&self.db).await?.0.map(|payer| payer.name))
    }

    pub async fn set_payer(&self, act: &Act, version: i64, draft: &PayerDraft) -> Result<(), Error> {
        act.need(Permission::SendPay)?;
        act.person_in_browser()?;
        let payer = draft.parse()?;
        let (before, _) = store::payer::get(&self.db).await?;
        let mut tx = self.db.begin().await?;
        if !store::payer::set(&mut tx, &serde_json::to_string(&payer)?, version).await? {
            let message = "Somebody else has changed this since you opened the page. Reload, then try again.";
            return Err(Fault::conflict(message).into());
        }
        let entry = Entry {
            action: Action::PayerSet,
            thing: Thing::Payout,
            thing_id: "payer".to_owned(),
            thing_name: payer.name.as_str(),
            before: before.as_ref().map(told),
            after: Some(told(&payer)),
        };
        record(&mut tx, act, entry).await?;
        Ok(tx.commit().await?)
    }
}

/// The log knows this account by its ends, too.
fn told(payer: &Payer) -> Value {
    json!({
        "name": payer.name,
        "iban": payer.bank.as_ref().map(|bank| bank.iban.shown()),
        "bic": payer.bank.as_ref().and_then(|bank| bank.bic.as_ref()),
        "bank": payer.ach.as_ref().map(|ach| &ach.bank_name),
    })
}

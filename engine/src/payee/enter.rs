//! Entering an account, withdrawing it, and releasing it early.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::{AccountId, PersonId};
use domain::payee::{Account, AccountDraft, counts_from};
use domain::people::{Permission, Person};
use serde_json::json;

use super::Payees;
use super::sealed::{self, unseal};
use super::store::{self, Kept, New};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Tx;
use crate::payment;

impl Payees {
    /// Enters where somebody is paid to from when the hold is over. What was entered before and is still held does not
    /// count any more.
    pub async fn enter(
        &self,
        act: &Act,
        whose: PersonId,
        draft: &AccountDraft,
        password: &str,
    ) -> Result<Kept, Error> {
        let (me, person) = self.whoever_may_edit(act, whose).await?;
        let account = draft.parse()?;
        self.people.prove(act, password).await?;
        let id = AccountId(act.world.id());
        let sealed = sealed::seal(&self.seal, &act.world, id, &account)?;
        let known_by = account.known_by().map(|known| self.seal.known_again("account", &known));
        let mut tx = self.db.begin().await?;
        // Where a payment goes is part of what is approved.
        payment::take_turn(&mut tx).await?;
        let before = store::of_in(&mut tx, whose).await?;
        let counting = before.iter().find(|it| it.withdrawn_at.is_none() && it.counts_from <= act.at);
        let is_first = counting.is_none();
        for held in before.iter().filter(|it| it.is_held(act.at)) {
            store::withdraw(&mut tx, held.id, me, act.at).await?;
        }
        let new = New {
            id,
            person_id: whose,
            method: account.method(),
            sealed: &sealed,
            shown: &account.shown(),
            known_by,
            country: account.country(),
            entered_by: me,
            entered_at: act.at,
            counts_from: counts_from(act.at, is_first, me == whose, self.wait),
        };
        store::put(&mut tx, new).await?;
        store::unsettle(&mut tx, whose).await?;
        let old = match counting {
            Some(counting) => self.open(&mut tx, counting.id).await?,
            None => None,
        };
        let kept = self.kept(&mut tx, id).await?;
        tell(&mut tx, act, Action::AccountEntered, &kept).await?;
        tx.commit().await?;
        self.tell_of_change(&person, &kept, [old.as_ref(), Some(&account)]);
        Ok(kept)
    }

    /// Takes back an account that was entered: the one before it goes on counting.
    pub async fn withdraw(&self, act: &Act, id: AccountId) -> Result<Kept, Error> {
        let mut tx = self.db.begin().await?;
        payment::take_turn(&mut tx).await?;
        let kept = self.kept_of(act, &mut tx, id).await?;
        let (me, person) = self.whoever_may_edit(act, kept.person_id).await?;
        if !kept.is_held(act.at) || !store::withdraw(&mut tx, id, me, act.at).await? {
            let message = "This account is not held any more. Enter another one instead.";
            return Err(Fault::conflict(message).into());
        }
        store::unsettle(&mut tx, kept.person_id).await?;
        let account = self.open(&mut tx, id).await?;
        tell(&mut tx, act, Action::AccountWithdrawn, &kept).await?;
        tx.commit().await?;
        self.tell_of_withdrawal(&person, &kept, account.as_ref());
        Ok(kept)
    }

    /// Has an account count before its hold is over. That takes somebody else than who entered it or is paid to it.
    pub async fn release(&self, act: &Act, id: AccountId) -> Result<Kept, Error> {
        act.need(Permission::EditAccounts)?;
        let me = act.person_in_browser()?.id;
        let mut tx = self.db.begin().await?;
        payment::take_turn(&mut tx).await?;
        let kept = self.kept_of(act, &mut tx, id).await?;
        if kept.person_id == me {
            return Err(Fault::forbidden("This is your own account. Somebody else has to release it.").into());
        }
        if kept.entered_by == me {
            return Err(
                Fault::forbidden("You have entered this account. Somebody else has to release it.").into()
            );
        }
        if !store::release(&mut tx, id, me, act.at).await? {
            return Err(
                Fault::conflict("This account is not held any more. Reload to see what there is.").into()
            );
        }
        store::unsettle(&mut tx, kept.person_id).await?;
        let kept = self.kept(&mut tx, id).await?;
        tell(&mut tx, act, Action::AccountReleased, &kept).await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Who wants to change an account, and whose it is: one's own, or that of others for whoever looks after them.
    async fn whoever_may_edit(&self, act: &Act, whose: PersonId) -> Result<(PersonId, Person), Error> {
        let me = act.person_in_browser()?.id;
        act.need(if me == whose { Permission::SeeOwnPay } else { Permission::EditAccounts })?;
        let person = self.people.known(whose).await?;
        Ok((me, person.ok_or_else(|| Fault::not_found("There is no such person."))?))
    }

    /// An account that whoever asks may know of.
    async fn kept_of(&self, act: &Act, tx: &mut Tx, id: AccountId) -> Result<Kept, Error> {
        let own = |kept: &Kept| act.person().is_ok_and(|me| me.id == kept.person_id);
        let kept = store::by_id_in(tx, id).await?;
        let kept = kept.filter(|kept| own(kept) || act.may(Permission::EditAccounts));
        Ok(kept.ok_or_else(|| Fault::not_found("There is no such account."))?)
    }

    async fn kept(&self, tx: &mut Tx, id: AccountId) -> Result<Kept, Error> {
        let kept = store::by_id_in(tx, id).await?;
        Ok(kept.ok_or_else(|| Fault::not_found("There is no such account."))?)
    }

    /// The whole of an account.
    async fn open(&self, tx: &mut Tx, id: AccountId) -> Result<Option<Account>, Error> {
        let Some(sealed) = store::sealed_in(tx, id).await? else { return Ok(None) };
        Ok(Some(unseal(&self.seal, id, &sealed)?))
    }
}

/// The log knows accounts by their ends, too.
async fn tell(tx: &mut Tx, act: &Act, action: Action, kept: &Kept) -> Result<(), Error> {
    let entry: Entry<'_, (), _> = Entry {
        action,
        thing: Thing::Account,
        thing_id: kept.id.to_string(),
        thing_name: kept.person_name.as_str(),
        before: None,
        after: Some(json!({
            "person": kept.person_id, "account": kept.shown, "method": kept.method, "counts_from": kept.counts_from,
        })),
    };
    record(tx, act, entry).await
}

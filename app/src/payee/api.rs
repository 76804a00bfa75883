//! What can be done about where people are paid to.

use domain::payee::AccountDraft;
use leptos::prelude::*;

use crate::Failure;

#[cfg(feature = "ssr")]
mod server {
    use domain::Fault;
    use domain::ids::{AccountId, PersonId};
    use engine::act::Act;
    use engine::payee::Payees;

    use crate::Failure;

    pub fn payees() -> Payees {
        leptos::prelude::expect_context()
    }

    pub fn account(id: &str) -> Result<AccountId, Failure> {
        id.parse().map_err(|_| Failure(Fault::not_found("There is no such account.")))
    }

    pub fn person(id: &str) -> Result<PersonId, Failure> {
        id.parse().map_err(|_| Failure(Fault::not_found("There is no such person.")))
    }

    /// The page about an account: one's own, or that of somebody.
    pub fn page(act: &Act, whose: PersonId) -> String {
        match act.person() {
            Ok(me) if me.id == whose => "/my-pay/account".to_owned(),
            _ => format!("/pay/accounts/{whose}"),
        }
    }
}

#[server(prefix = "/do", endpoint = "enter_account")]
pub async fn enter_account(
    person: String,
    #[server(flatten)] account: AccountDraft,
    #[server(default)] password: String,
) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let whose = server::person(&person)?;
    let kept = server::payees().enter(&act, whose, &account, &password).await?;
    let said =
        if kept.is_held(act.at) { "Kept. It is held for a while." } else { "Kept. It counts from now on." };
    crate::visit::done(&server::page(&act, whose), said);
    Ok(())
}

#[server(prefix = "/do", endpoint = "withdraw_account")]
pub async fn withdraw_account(account: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let kept = server::payees().withdraw(&act, server::account(&account)?).await?;
    crate::visit::done(&server::page(&act, kept.person_id), "Withdrawn. It will not be paid to.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "release_account")]
pub async fn release_account(account: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let kept = server::payees().release(&act, server::account(&account)?).await?;
    crate::visit::done(&server::page(&act, kept.person_id), "Released. It counts from now on.");
    Ok(())
}

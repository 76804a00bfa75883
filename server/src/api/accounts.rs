//! Where people are paid to. Accounts are entered by people in a browser, and by no program.

use axum::Json;
use axum::extract::State;
use domain::Fault;
use domain::ids::PersonId;
use engine::payee::Wanted;

use super::Refused;
use super::account_views::{AccountsPage, AccountsQuery};
use super::extract::{Act, Asked};
use super::paging::{next, page_size};
use super::views::Problem;
use crate::http::Host;

/// List people and where they are paid to, by name
///
/// Accounts are shown by their ends. They are entered and released in a browser only.
#[utoipa::path(get, path = "/pay/accounts", tag = "pay", params(AccountsQuery), responses((status = 200, body = AccountsPage), (status = 422, body = Problem)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<AccountsQuery>,
) -> Result<Json<AccountsPage>, Refused> {
    let wanted = match asked.show.as_deref() {
        None => Wanted::All,
        Some(word) => Wanted::parse(word)
            .ok_or_else(|| Fault::field("show", "Choose held, missing or shared, or leave it out."))?,
    };
    let page =
        host.house.payees.list(&act, wanted, asked.after.map(PersonId), page_size(asked.limit)?).await?;
    let next = next(&page, |it| it.person_id.0);
    Ok(Json(AccountsPage { accounts: page.rows.into_iter().map(Into::into).collect(), next }))
}

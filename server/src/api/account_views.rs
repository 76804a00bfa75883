//! Bodies of accounts: their ends only.

use chrono::{DateTime, Utc};
use engine::payee::Listed;
use engine::payment::PaidTo;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountsQuery {
    /// held: a change is held; missing: there is no account; shared: somebody else has the same. Everybody if absent
    pub show: Option<String>,
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// 1 to 200; 50 if absent
    pub limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct AccountsPage {
    pub accounts: Vec<PayeeView>,
    pub next: Option<Uuid>,
}

/// Somebody, and where they are paid to.
#[derive(Serialize, ToSchema)]
pub struct PayeeView {
    pub person: Uuid,
    pub name: String,
    pub account: Option<AccountView>,
    /// Since when it counts
    pub counts_from: Option<DateTime<Utc>>,
    /// A change that is held, by its ends
    pub held: Option<String>,
    pub held_until: Option<DateTime<Utc>>,
    /// So many others have the same account
    pub shared_with: i64,
}

impl From<Listed> for PayeeView {
    fn from(it: Listed) -> Self {
        Self {
            person: it.person_id.0,
            name: it.person_name.to_string(),
            account: it
                .method
                .zip(it.shown)
                .map(|(method, ends)| AccountView { method: method.word(), ends }),
            counts_from: it.counts_from,
            held: it.held_shown,
            held_until: it.held_until,
            shared_with: it.others,
        }
    }
}

/// An account by its ends: all of it is in payment files only.
#[derive(Serialize, ToSchema)]
pub struct AccountView {
    /// iban, us, paypal, wise or manual
    pub method: &'static str,
    /// Like DE89 •••• 3000
    pub ends: String,
}

impl From<PaidTo> for AccountView {
    fn from(it: PaidTo) -> Self {
        Self { method: it.method.word(), ends: it.shown }
    }
}

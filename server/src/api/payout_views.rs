//! Bodies of payouts.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::money::Amount;
use engine::payout::{Paying, PayoutFile, Sheet, Stuck, Transfer};
use engine::secret::to_hex;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far the payments of a batch have come.
#[derive(Serialize, ToSchema)]
pub struct PayingView {
    /// What no file has yet, by the file that usually pays it
    pub ready: Vec<ReadyView>,
    /// The latest first
    pub files: Vec<FileLineView>,
    /// What nothing pays: it has failed, has come back, or had nowhere to go
    pub stuck: Vec<StuckView>,
}

#[derive(Serialize, ToSchema)]
pub struct ReadyView {
    /// pain.001.001.09, nacha, wise, paypal or csv
    pub usual: &'static str,
    pub payments: i64,
    /// In major units of the currency, like 31204.50
    pub amount: String,
}

#[derive(Serialize, ToSchema)]
pub struct FileLineView {
    pub id: Uuid,
    pub name: String,
    pub format: &'static str,
    /// Of what is in it
    pub sha256: String,
    pub payments: i64,
    pub amount: String,
    pub pay_on: NaiveDate,
    pub made_at: DateTime<Utc>,
    /// It was not sent to anybody
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub paid: i64,
    /// Those that have failed or come back
    pub not_arrived: i64,
}

#[derive(Serialize, ToSchema)]
pub struct StuckView {
    pub payment: Uuid,
    pub person: Uuid,
    pub name: String,
    pub amount: String,
    /// failed or returned; absent if there was nowhere to send it
    pub state: Option<&'static str>,
    pub reason: Option<String>,
    /// Where they are paid to now, by its ends
    pub account: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct FileView {
    #[serde(flatten)]
    pub file: FileLineView,
    /// By name
    pub transfers: Vec<TransferView>,
}

#[derive(Serialize, ToSchema)]
pub struct TransferView {
    /// What banks and people call it
    pub reference: String,
    pub payment: Uuid,
    pub person: Uuid,
    pub name: String,
    /// By its ends
    pub account: String,
    pub amount: String,
    /// ready, sent, paid, failed or returned
    pub state: &'static str,
    pub since: DateTime<Utc>,
    pub reason: Option<String>,
}

fn plain(minor: i64, currency: &Currency) -> String {
    Amount::new(minor, currency.clone()).plain()
}

impl PayingView {
    pub fn of(paying: Paying, currency: &Currency) -> Self {
        let ready = paying.groups.into_iter().map(|it| ReadyView {
            usual: it.usual.word(),
            payments: it.transfers,
            amount: plain(it.minor, currency),
        });
        Self {
            ready: ready.collect(),
            files: paying.files.into_iter().map(Into::into).collect(),
            stuck: paying.stuck.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<PayoutFile> for FileLineView {
    fn from(it: PayoutFile) -> Self {
        Self {
            id: it.id.0,
            format: it.format.word(),
            sha256: to_hex(&it.digest),
            payments: it.transfers,
            amount: plain(it.minor, &it.currency),
            name: it.name,
            pay_on: it.pay_on,
            made_at: it.made_at,
            withdrawn_at: it.withdrawn_at,
            paid: it.paid,
            not_arrived: it.failed,
        }
    }
}

impl From<Stuck> for StuckView {
    fn from(it: Stuck) -> Self {
        Self {
            payment: it.payment_id.0,
            person: it.person_id.0,
            name: it.person_name.to_string(),
            amount: plain(it.minor, &it.currency),
            state: it.last_state.map(domain::payout::TransferState::word),
            reason: it.reason,
            account: it.shown,
        }
    }
}

impl From<Sheet> for FileView {
    fn from(it: Sheet) -> Self {
        Self { file: it.file.into(), transfers: it.transfers.into_iter().map(Into::into).collect() }
    }
}

impl From<Transfer> for TransferView {
    fn from(it: Transfer) -> Self {
        Self {
            reference: it.reference.to_string(),
            payment: it.payment_id.0,
            person: it.person_id.0,
            name: it.person_name.to_string(),
            amount: plain(it.minor, &it.currency),
            account: it.shown,
            state: it.state.word(),
            since: it.state_at,
            reason: it.reason,
        }
    }
}

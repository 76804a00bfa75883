//! Looking at how a batch is paid.

use std::collections::BTreeMap;

use domain::Currency;
use domain::ids::{BatchId, PaymentId, PayoutFileId};
use domain::payout::{Format, TransferState};
use domain::people::Permission;

use super::Payouts;
use super::service::no_such_file;
use super::store::file::{self, PayoutFile};
use super::store::transfer::{self, Stuck, Transfer};
use crate::Error;
use crate::act::Act;

/// How far the payments of a batch have come.
#[derive(Clone, Debug)]
pub struct Paying {
    /// What is ready to be sent, by the file that usually pays it.
    pub groups: Vec<Group>,
    /// The latest first.
    pub files: Vec<PayoutFile>,
    /// What nothing pays.
    pub stuck: Vec<Stuck>,
    /// How many there are of each state that pays, or may yet.
    pub counts: Vec<(TransferState, i64)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub usual: Format,
    pub transfers: i64,
    pub minor: i64,
}

/// A file with what has become of its transfers.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub file: PayoutFile,
    pub transfers: Vec<Transfer>,
}

impl Payouts {
    pub async fn paying(&self, act: &Act, batch: BatchId, currency: &Currency) -> Result<Paying, Error> {
        act.need(Permission::SeePay)?;
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for it in transfer::ready(&self.db, batch).await? {
            let usual = Format::usual(it.method, it.country.as_deref(), currency);
            let group = groups.entry(usual.word()).or_insert(Group { usual, transfers: 0, minor: 0 });
            group.transfers += it.transfers;
            group.minor += it.minor;
        }
        Ok(Paying {
            groups: groups.into_values().collect(),
            files: file::of_batch(&self.db, batch).await?,
            stuck: transfer::stuck(&self.db, batch, act.at).await?,
            counts: transfer::counts(&self.db, batch).await?,
        })
    }

    pub async fn sheet(&self, act: &Act, id: PayoutFileId) -> Result<Sheet, Error> {
        act.need(Permission::SeePay)?;
        let file = file::by_id(&self.db, id).await?.ok_or_else(no_such_file)?;
        Ok(Sheet { file, transfers: transfer::of_file(&self.db, id).await? })
    }

    /// The transfers of a payment that somebody may see, the latest first.
    pub async fn of_payment(&self, id: PaymentId) -> Result<Vec<Transfer>, Error> {
        Ok(transfer::of_payment(&self.db, id).await?)
    }
}

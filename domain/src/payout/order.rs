use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Reference;
use super::draft::Bic;
use crate::payee::{Account, HolderName, IbanNumber, RoutingNumber};
use crate::{Currency, Fault};

/// Who pays, and from where: what is not set, no file can be written with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    pub name: HolderName,
    pub bank: Option<PayerBank>,
    pub ach: Option<PayerAch>,
}

/// Logs know whoever pays by their name.
impl fmt::Debug for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_str())
    }
}

/// The account that SEPA transfers are made from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerBank {
    pub iban: IbanNumber,
    pub bic: Option<Bic>,
    pub place: Option<Place>,
}

/// An address is structured or not there at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub town: String,
    pub country: String,
}

/// What a bank in the United States knows whoever originates entries by.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerAch {
    pub routing: RoutingNumber,
    pub bank_name: String,
    pub company_id: String,
}

/// What a payment file is to say.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: Uuid,
    pub made_at: DateTime<Utc>,
    /// When it is to be carried out.
    pub pay_on: NaiveDate,
    pub currency: Currency,
    /// So many files of its format were made on this day before it.
    pub before_today: usize,
    pub payer: Option<Payer>,
    /// In the order in which they stand in the file.
    pub instructions: Vec<Instruction>,
}

/// One transfer.
#[derive(Clone, Debug)]
pub struct Instruction {
    pub reference: Reference,
    pub person: String,
    pub account: Account,
    pub minor: i64,
    /// What whoever is paid reads.
    pub text: String,
}

impl Order {
    pub(super) fn payer(&self) -> Result<&Payer, Fault> {
        self.payer.as_ref().ok_or_else(|| {
            Fault::conflict(
                "Nobody has said yet who pays, and from which account. A manager enters it under Pay, Payer.",
            )
        })
    }

    pub fn total(&self) -> i64 {
        self.instructions.iter().map(|it| it.minor).sum()
    }
}

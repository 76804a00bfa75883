//! Payouts: how approved payments become transfers, files that banks and services read, and money.

mod draft;
mod latin;
mod nacha;
mod order;
mod read;
mod reference;
mod report;
#[cfg(test)]
mod report_tests;
mod sepa;
mod sheet;
mod state;
mod status_xml;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use draft::{Bic, PayerDraft};
pub use order::{Instruction, Order, Payer, PayerAch, PayerBank, Place};
pub use reference::Reference;
pub use report::{Report, Verdict};
pub use state::{Heard, OutcomeDraft, TransferState};

use crate::audit::words;
use crate::payee::Method;
use crate::{Currency, Fault};

words! {
    /// What a payment file is written for.
    Format {
        Pain09 => "pain.001.001.09", "SEPA, pain.001.001.09";
        Pain03 => "pain.001.001.03", "SEPA, pain.001.001.03";
        Nacha => "nacha", "NACHA";
        Wise => "wise", "Wise, batch";
        Paypal => "paypal", "PayPal Payouts";
        Csv => "csv", "List (CSV)";
    }
}

impl Format {
    /// How an account is usually paid: by the file that the bank or service reads by itself, or else by a list.
    pub fn usual(method: Method, country: Option<&str>, currency: &Currency) -> Self {
        match method {
            Method::Iban if currency.code() == "EUR" && country.is_some_and(sepa::reaches) => Self::Pain09,
            Method::Us if currency.code() == "USD" => Self::Nacha,
            Method::Wise => Self::Wise,
            Method::Paypal => Self::Paypal,
            Method::Iban | Method::Us | Method::Manual => Self::Csv,
        }
    }

    /// What else can be made of what is usually paid by this one.
    pub const fn instead(self) -> &'static [Self] {
        match self {
            Self::Pain09 | Self::Pain03 => &[Self::Pain09, Self::Pain03, Self::Csv],
            Self::Nacha => &[Self::Nacha, Self::Csv],
            Self::Wise => &[Self::Wise, Self::Csv],
            Self::Paypal => &[Self::Paypal, Self::Csv],
            Self::Csv => &[Self::Csv],
        }
    }

    /// No file of it takes more transfers.
    pub const fn most(self) -> usize {
        match self {
            Self::Paypal => 5_000,
            Self::Pain09 | Self::Pain03 | Self::Nacha | Self::Wise | Self::Csv => 50_000,
        }
    }

    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pain09 | Self::Pain03 => "xml",
            Self::Nacha => "ach",
            Self::Wise | Self::Paypal | Self::Csv => "csv",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pain09 | Self::Pain03 => "application/xml",
            Self::Nacha => "text/plain; charset=us-ascii",
            Self::Wise | Self::Paypal | Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The whole file, the same for the same order; or what is missing to write it.
    pub fn write(self, order: &Order) -> Result<String, Fault> {
        match self {
            Self::Pain09 => sepa::write(order, sepa::Version::V09),
            Self::Pain03 => sepa::write(order, sepa::Version::V03),
            Self::Nacha => nacha::write(order),
            Self::Wise => sheet::wise(order),
            Self::Paypal => sheet::paypal(order),
            Self::Csv => sheet::list(order),
        }
    }
}

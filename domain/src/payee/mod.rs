//! Payees: where people are paid to, and from when on a change of it counts.

mod account;
mod draft;
mod hold;
mod iban;
mod us;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use account::{Account, HolderName, Way};
pub use draft::AccountDraft;
pub use hold::counts_from;
pub use iban::IbanNumber;
pub use us::{RoutingNumber, UsAccountNumber, UsKind};

use crate::Currency;
use crate::audit::words;

words! {
    /// How money reaches somebody.
    Method {
        Iban => "iban", "Bank account (IBAN)";
        Us => "us", "US bank account";
        Paypal => "paypal", "PayPal";
        Wise => "wise", "Wise";
        /// However they have agreed on it: no file pays it.
        Manual => "manual", "By hand";
    }
}

impl Method {
    /// Whether money of this currency can get there.
    pub fn takes(self, currency: &Currency) -> bool {
        self != Self::Us || currency.code() == "USD"
    }
}

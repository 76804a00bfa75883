use std::fmt;

use serde::{Deserialize, Serialize};

use super::{IbanNumber, Method, RoutingNumber, UsAccountNumber, UsKind};
use crate::Wrong;
use crate::people::{Email, one_line};
use crate::text::text_type;

/// Whose account it is, as the bank knows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HolderName(String);

impl HolderName {
    /// No payment file holds more.
    pub const MAX: usize = 70;

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        one_line(text, Self::MAX, "the name of the account's holder").map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was agreed about paying somebody by hand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Way(String);

impl Way {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        one_line(text, 200, "how the money gets there").map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(HolderName);
text_type!(Way);

/// Where somebody is paid to. It is kept sealed, and shown by its ends only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum Account {
    Iban { holder: HolderName, iban: IbanNumber },
    Us { holder: HolderName, routing: RoutingNumber, number: UsAccountNumber, kind: UsKind },
    Paypal { email: Email },
    Wise { holder: HolderName, email: Email },
    Manual { way: Way },
}

/// Neither logs nor messages tell it.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Account {
    pub const fn method(&self) -> Method {
        match self {
            Self::Iban { .. } => Method::Iban,
            Self::Us { .. } => Method::Us,
            Self::Paypal { .. } => Method::Paypal,
            Self::Wise { .. } => Method::Wise,
            Self::Manual { .. } => Method::Manual,
        }
    }

    /// Enough of it to know it again, and too little to use it: `DE89 •••• 3000`.
    pub fn shown(&self) -> String {
        match self {
            Self::Iban { iban, .. } => iban.shown(),
            // Of a short number the end would be all of it.
            Self::Us { number, .. } if number.as_str().len() < 8 => "US ••••".to_owned(),
            Self::Us { number, .. } => format!("US •••• {}", end(number.as_str())),
            Self::Paypal { email } => format!("PayPal {}", masked(email)),
            Self::Wise { email, .. } => format!("Wise {}", masked(email)),
            Self::Manual { .. } => "By hand".to_owned(),
        }
    }

    /// Of an IBAN, two letters.
    pub fn country(&self) -> Option<&str> {
        match self {
            Self::Iban { iban, .. } => Some(iban.country()),
            Self::Us { .. } | Self::Paypal { .. } | Self::Wise { .. } | Self::Manual { .. } => None,
        }
    }

    /// What two accounts have in common if they are the same one, whoever holds it and however it was typed. Those who are
    /// paid by hand share nothing.
    pub fn known_by(&self) -> Option<String> {
        match self {
            Self::Iban { iban, .. } => Some(format!("iban:{}", iban.as_str())),
            Self::Us { routing, number, .. } => {
                // Banks write the same number with zeros before it and without.
                Some(format!("us:{}:{}", routing.as_str(), number.as_str().trim_start_matches('0')))
            }
            Self::Paypal { email } => Some(format!("paypal:{}", email.as_str())),
            Self::Wise { email, .. } => Some(format!("wise:{}", email.as_str())),
            Self::Manual { .. } => None,
        }
    }

    /// Who is to hear of a change of it besides its person: the address that money was, or will be, sent to.
    pub const fn contact(&self) -> Option<&Email> {
        match self {
            Self::Paypal { email } | Self::Wise { email, .. } => Some(email),
            Self::Iban { .. } | Self::Us { .. } | Self::Manual { .. } => None,
        }
    }
}

/// The last four.
fn end(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default()
}

fn masked(email: &Email) -> String {
    let (name, host) = email.as_str().split_once('@').unwrap_or_default();
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{host}")
}

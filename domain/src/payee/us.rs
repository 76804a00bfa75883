use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::audit::words;
use crate::text::text_type;

words! {
    /// What kind of account a US bank keeps it as: its files say so.
    UsKind {
        Checking => "checking", "Checking";
        Savings => "savings", "Savings";
    }
}

/// The nine digits that name a US bank (ABA), the last of which checks the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoutingNumber(String);

impl RoutingNumber {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let digits = digits(text, "Enter the routing number of the bank: nine digits.")?;
        if digits.len() != 9 {
            return Err(format!("A routing number has nine digits; this has {}.", digits.len()).into());
        }
        let weighted: u32 = digits
            .bytes()
            .zip([3, 7, 1].into_iter().cycle())
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        // Nine zeros add up, too.
        if weighted == 0 || !weighted.is_multiple_of(10) {
            return Err(
                "The last digit does not fit the others, so one of them is wrong. Compare it once more."
                    .into(),
            );
        }
        Ok(Self(digits))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of an account at a US bank: there is nothing in it that could be checked.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UsAccountNumber(String);

impl UsAccountNumber {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let digits = digits(text, "Enter the number of the account.")?;
        if !(4..=17).contains(&digits.len()) || digits.bytes().all(|digit| digit == b'0') {
            return Err("The number of an account has 4 to 17 digits.".into());
        }
        Ok(Self(digits))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn digits(text: &str, missing: &'static str) -> Result<String, Wrong> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    match plain.is_empty() {
        true => Err(missing.into()),
        false if plain.bytes().all(|c| c.is_ascii_digit()) => Ok(plain),
        false => Err("Enter digits only.".into()),
    }
}

text_type!(RoutingNumber);
text_type!(UsAccountNumber);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routing_numbers_check_themselves() {
        assert_eq!(RoutingNumber::parse("021 000 021").unwrap().as_str(), "021000021");
        assert!(RoutingNumber::parse("0110-0001-5").is_ok());
        let said = |text: &str| RoutingNumber::parse(text).unwrap_err().to_string();
        assert!(said("").contains("nine digits"));
        assert!(said("02100002").contains("this has 8"));
        assert!(said("021000012").contains("last digit"));
        assert!(said("000000000").contains("last digit"));
        assert!(said("02100002x").contains("digits only"));
        assert!(said("٠٢١٠٠٠٠٢١").contains("digits only"));
    }

    #[test]
    fn accounts_have_as_many_digits_as_files_hold() {
        assert_eq!(UsAccountNumber::parse("0000 1234").unwrap().as_str(), "00001234");
        for wrong in ["", "123", "0000", "123456789012345678", "12a4"] {
            assert!(UsAccountNumber::parse(wrong).is_err(), "{wrong}");
        }
    }
}

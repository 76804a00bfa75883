use std::fmt;

use serde::{Deserialize, Serialize};

use super::decimal;
use crate::Wrong;

/// What an hour or a unit of work costs, in millionths of the major unit of the project's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct WorkPrice(i64);

impl WorkPrice {
    const PLACES: usize = 6;
    /// Per hour or unit, in major units: whoever enters more has typed a salary.
    const MOST: i64 = 10_000_000;

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.trim().is_empty() {
            return Err("Enter a rate, like 18.50.".into());
        }
        let millionths = decimal::read(text, Self::PLACES)
            .ok_or("Write the rate as a number like 18.50, with a point and six decimals at most.")?;
        if millionths > Self::MOST * 1_000_000 {
            return Err("This is more than ten million. Is it per hour or per unit?".into());
        }
        Ok(Self(millionths))
    }

    pub const fn millionths(self) -> i64 {
        self.0
    }
}

/// With two decimals at least, as prices are written.
impl fmt::Display for WorkPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::write(self.0, Self::PLACES, 2))
    }
}

impl TryFrom<String> for WorkPrice {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl From<WorkPrice> for String {
    fn from(price: WorkPrice) -> Self {
        price.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_and_written() {
        for (text, written) in [("18.5", "18.50"), ("0.0125", "0.0125"), ("0", "0.00"), (" 7 ", "7.00")] {
            assert_eq!(WorkPrice::parse(text).unwrap().to_string(), written);
        }
        for wrong in ["", "-1", "18,50", "€18", "0.0000001", "10000000.000001"] {
            assert!(WorkPrice::parse(wrong).is_err(), "{wrong}");
        }
    }
}

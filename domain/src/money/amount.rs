use std::fmt;

use serde::{Deserialize, Serialize};

use super::{WorkPrice, decimal};
use crate::{Currency, Wrong};

/// An amount of money: whole minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    pub minor: i64,
    pub currency: Currency,
}

impl Amount {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// An amount in a currency as people write it: `1204.50`, with no more decimals than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Wrong> {
        let places = currency.exponent();
        let minor = decimal::read(&text.replace(',', ""), places as usize);
        match (minor, places) {
            (Some(minor), _) => Ok(Self { minor, currency }),
            (None, 0) => Err(format!("Write an amount like 1200; {currency} has no decimals.").into()),
            (None, _) => Err(format!("Write an amount like 1200.50, with {places} decimals at most.").into()),
        }
    }

    /// The number alone, with all the decimals of its currency: `1204.50`, for files and forms.
    pub fn plain(&self) -> String {
        let places = self.currency.exponent() as usize;
        decimal::write(self.minor, places, places)
    }
}

/// As people read it, with its thousands apart: `31,204.50 EUR`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain();
        let (whole, part) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
        let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
        f.write_str(sign)?;
        for (n, digit) in digits.chars().enumerate() {
            if n > 0 && (digits.len() - n).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, "{part} {}", self.currency)
    }
}

/// What work is paid by: its prices as they apply on its day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pay {
    pub hour: Option<WorkPrice>,
    pub unit: Option<WorkPrice>,
}

impl Pay {
    /// What so many minutes and units come to, in minor units: computed exactly, rounded once, half away from zero.
    /// None if it is more than can be paid.
    pub fn of(self, minutes: i64, units: i64, currency: &Currency) -> Option<i64> {
        const MINUTES: i128 = 60;
        const MILLION: i128 = 1_000_000;
        let price = |price: Option<WorkPrice>| price.map_or(0, |price| i128::from(price.millionths()));
        let timed = price(self.hour) * i128::from(minutes);
        let counted = price(self.unit).checked_mul(i128::from(units))?.checked_mul(MINUTES)?;
        let minor = timed.checked_add(counted)?.checked_mul(10_i128.pow(currency.exponent()))?;
        let parts = MINUTES * MILLION;
        let half = if minor < 0 { -parts / 2 } else { parts / 2 };
        i64::try_from((minor + half) / parts).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(hour: &str, minutes: i64, unit: &str, units: i64, currency: &str) -> i64 {
        let price = |text: &str| (!text.is_empty()).then(|| WorkPrice::parse(text).unwrap());
        let pay = Pay { hour: price(hour), unit: price(unit) };
        pay.of(minutes, units, &Currency::parse(currency).unwrap()).unwrap()
    }

    #[test]
    fn work_is_paid_to_the_minor_unit() {
        assert_eq!(of("18.50", 450, "", 0, "EUR"), 13_875);
        assert_eq!(of("10", 20, "", 0, "EUR"), 333, "3.3333 is rounded down");
        assert_eq!(of("10", 40, "", 0, "EUR"), 667, "6.6666 is rounded up");
        assert_eq!(of("", 0, "0.005", 1, "EUR"), 1, "half is rounded away from zero");
        assert_eq!(of("", 0, "0.005", -1, "EUR"), -1, "and so is half of what is taken back");
        assert_eq!(
            of("10", 30, "0.0125", 200, "EUR"),
            750,
            "hours and units of one line are rounded together"
        );
        assert_eq!(of("1500", 20, "", 0, "JPY"), 500);
        assert_eq!(of("1.2345", 60, "", 0, "KWD"), 1_235, "dinars have three decimals");
    }

    #[test]
    fn amounts_are_written_for_people_and_for_files() {
        let amount = |minor, code| Amount::new(minor, Currency::parse(code).unwrap());
        assert_eq!(amount(3_120_450, "EUR").to_string(), "31,204.50 EUR");
        assert_eq!(amount(-100_005, "EUR").to_string(), "-1,000.05 EUR");
        assert_eq!(amount(999, "JPY").to_string(), "999 JPY");
        assert_eq!(amount(1_234_567, "KWD").to_string(), "1,234.567 KWD");
        assert_eq!(amount(3_120_450, "EUR").plain(), "31204.50");
    }

    proptest! {
        #[test]
        fn nobody_loses_or_wins_more_than_half_a_minor_unit(
            price in 0_i64..100_000_000_000, minutes in 0_i64..100_000, units in 0_i64..100_000_000,
        ) {
            let price = WorkPrice::parse(&decimal::write(price, 6, 0)).unwrap();
            let pay = Pay { hour: Some(price), unit: Some(price) };
            let minor = pay.of(minutes, units, &Currency::parse("EUR").unwrap()).unwrap();
            let exact = i128::from(price.millionths()) * (i128::from(minutes) + 60 * i128::from(units)) * 100;
            prop_assert!((i128::from(minor) * 60_000_000 - exact).abs() * 2 <= 60_000_000);
            prop_assert_eq!(pay.of(-minutes, -units, &Currency::parse("EUR").unwrap()), Some(-minor));
        }
    }
}

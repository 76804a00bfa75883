use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::money::decimal;

/// Prices are listed by so many tokens.
const LISTED_BY: i128 = 1_000_000;

/// What a million tokens cost, in millionths of a US dollar: the currency that providers list their prices in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub input: i64,
    pub output: i64,
}

/// How much was read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    pub input: i64,
    pub output: i64,
}

impl Tokens {
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
        }
    }
}

impl Price {
    /// What so many tokens cost, in millionths of a dollar, rounded once, half up.
    pub fn of(self, tokens: Tokens) -> i64 {
        let part = |price: i64, tokens: i64| i128::from(price) * i128::from(tokens.max(0));
        let whole = part(self.input, tokens.input) + part(self.output, tokens.output);
        i64::try_from((whole + LISTED_BY / 2).div_euclid(LISTED_BY)).unwrap_or(i64::MAX)
    }
}

/// Dollars as people write them, as millionths: `0.25`.
pub fn dollars(text: &str) -> Result<i64, Wrong> {
    const MOST: i64 = 1_000_000;
    let micros = decimal::read(text, 6).ok_or("Write dollars like 0.25, with six decimals at most.")?;
    if micros / 1_000_000 > MOST { Err("This is more than a million.".into()) } else { Ok(micros) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_paid_apart_is_what_is_paid_together_but_for_the_rounding(
            input in 0_i64..20_000_000, output in 0_i64..20_000_000, read in 0_i64..1_000_000, written in 0_i64..100_000,
        ) {
            let price = Price { input, output };
            let apart = price.of(Tokens { input: read, output: 0 }) + price.of(Tokens { input: 0, output: written });
            let together = price.of(Tokens { input: read, output: written });
            prop_assert!((apart - together).abs() <= 1);
            prop_assert!(together >= 0);
        }

        #[test]
        fn dollars_are_read_as_they_are_written(micros in 0_i64..2_000_000_000) {
            let written = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            prop_assert_eq!(dollars(&written).unwrap(), micros);
        }
    }

    #[test]
    fn prices_are_by_the_million() {
        let price = Price { input: 250_000, output: 2_000_000 };
        assert_eq!(price.of(Tokens { input: 1_000_000, output: 0 }), 250_000);
        assert_eq!(price.of(Tokens { input: 1_000, output: 100 }), 450);
        assert_eq!(price.of(Tokens { input: 2, output: 0 }), 1, "a half is rounded up");
        assert_eq!(dollars("12.5").unwrap(), 12_500_000);
        for wrong in ["", ".5", "1.", "-1", "1,5", "1.0000001", "x", "1000001"] {
            assert!(dollars(wrong).is_err(), "{wrong}");
        }
    }
}

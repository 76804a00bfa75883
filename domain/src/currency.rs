//! Currencies by their ISO 4217 code, each with the number of decimals its minor unit has.

use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;

/// Codes whose minor unit is not a hundredth.
const EXPONENTS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Every other currency in use, with two decimals.
const HUNDREDTHS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
    IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN \
    MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD \
    SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";

/// The currencies most teams choose from, for the top of a list.
pub const COMMON: &[&str] = &["EUR", "USD", "GBP", "CHF", "SEK", "PLN", "INR", "JPY"];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Currency(String);

impl Currency {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let code = text.trim().to_ascii_uppercase();
        let known = code.len() == 3
            && (HUNDREDTHS.split(' ').any(|c| c == code) || EXPONENTS.iter().any(|(c, _)| *c == code));
        if known {
            Ok(Self(code))
        } else if text.trim().is_empty() {
            Err("Choose a currency.".into())
        } else {
            Err("Enter a currency by its three-letter code, like EUR or USD.".into())
        }
    }

    pub fn code(&self) -> &str {
        &self.0
    }

    /// How many decimals an amount in this currency has.
    pub fn exponent(&self) -> u32 {
        EXPONENTS.iter().find(|(code, _)| *code == self.0).map_or(2, |(_, exponent)| *exponent)
    }

    /// Every code, in alphabetical order.
    pub fn all() -> Vec<&'static str> {
        let mut codes: Vec<_> = HUNDREDTHS.split(' ').filter(|c| !c.is_empty()).collect();
        codes.extend(EXPONENTS.iter().map(|(code, _)| *code));
        codes.sort_unstable();
        codes
    }
}

text_type!(Currency);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_decimals() {
        let exponent = |code: &str| Currency::parse(code).unwrap().exponent();
        assert_eq!([exponent("eur"), exponent("JPY"), exponent(" kwd "), exponent("CLF")], [2, 0, 3, 4]);
    }

    #[test]
    fn the_list_is_sorted_and_all_of_it_parses() {
        let all = Currency::all();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(all.iter().chain(COMMON).all(|code| Currency::parse(code).is_ok()));
        for wrong in ["", "EU", "EURO", "XXX", "€"] {
            assert!(Currency::parse(wrong).is_err(), "{wrong}");
        }
    }
}

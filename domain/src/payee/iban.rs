use iban::{BaseIban, Iban, IbanLike, ParseBaseIbanError, ParseIbanError};
use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;

/// An IBAN of a country that has them: its length, its form and its check digits are right. Kept without spaces.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IbanNumber(String);

impl IbanNumber {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let plain = plain(text)?;
        let iban: Iban = plain.parse().map_err(|error| match error {
            ParseIbanError::InvalidBaseIban { source } => base(source),
            ParseIbanError::InvalidBban(known) => format!(
                "This is not what an IBAN of {} looks like. Compare it once more.",
                known.country_code()
            )
            .into(),
            ParseIbanError::UnknownCountry(known) => {
                format!("“{}” is no country with IBANs. Compare the first two letters.", known.country_code())
                    .into()
            }
        })?;
        Ok(Self(iban.electronic_str().to_owned()))
    }

    /// What [`IbanNumber::parse`] checks without the table of countries, which a browser should not have to load: whatever
    /// this refuses is wrong, and a slip of the finger is among it.
    pub fn check(text: &str) -> Result<(), Wrong> {
        plain(text)?.parse::<BaseIban>().map(drop).map_err(base)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its ends.
    pub fn shown(&self) -> String {
        let end = self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default();
        format!("{} •••• {end}", self.0.get(..4).unwrap_or_default())
    }

    /// Two letters.
    pub fn country(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }
}

/// As people type and paste it: with spaces, dashes, small letters, or the word before it.
fn plain(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let text = match text.get(..4) {
        Some(word) if word.eq_ignore_ascii_case("IBAN") => {
            text.get(4..).unwrap_or_default().trim_start_matches(':')
        }
        _ => text,
    };
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    if plain.is_empty() { Err("Enter the IBAN of the account.".into()) } else { Ok(plain) }
}

fn base(error: ParseBaseIbanError) -> Wrong {
    match error {
        ParseBaseIbanError::InvalidChecksum => {
            "The check digits do not fit, so one of the characters is wrong. Compare it once more.".into()
        }
        ParseBaseIbanError::InvalidFormat => unreadable(),
    }
}

fn unreadable() -> Wrong {
    "Enter an IBAN like DE89 3704 0044 0532 0130 00.".into()
}

text_type!(IbanNumber);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ibans_as_people_write_them() {
        for (text, country) in [
            ("DE89 3704 0044 0532 0130 00", "DE"),
            ("iban: gb29nwbk60161331926819", "GB"),
            ("NO93-8601-1117-947", "NO"),
            ("MT84MALT011000012345MTLCAST001S", "MT"),
        ] {
            let iban = IbanNumber::parse(text).ok().unwrap();
            assert_eq!(iban.country(), country);
            assert!(IbanNumber::check(text).is_ok());
            assert!(!iban.as_str().contains(' '));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let said = |text: &str| IbanNumber::parse(text).err().unwrap().to_string();
        assert!(said("").contains("Enter the IBAN"));
        assert!(said("DE89 3704 0044 0532 0130 01").contains("check digits"));
        assert!(said("twelve").contains("like DE89"));
        assert!(said("日本").contains("like DE89"));
        // Right digits, but neither such a country nor such a length.
        assert!(said("ZZ37123").contains("check digits") || said("ZZ37123").contains("no country"));
        assert!(said("DE51 1234").contains("check digits") || said("DE51 1234").contains("looks like"));
    }

    proptest! {
        /// No two digits can be exchanged, and none mistyped, without its being noticed.
        #[test]
        fn a_slip_of_the_finger_is_noticed(place in 4_usize..22, digit in 0_u8..10) {
            let right = "DE89370400440532013000";
            let mut wrong = right.as_bytes().to_vec();
            wrong[place] = b'0' + digit;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(IbanNumber::check(&wrong).is_ok(), wrong == right);
        }

        #[test]
        fn nothing_makes_it_panic(text in ".{0,60}") {
            if let Ok(iban) = IbanNumber::parse(&text) {
                prop_assert!(IbanNumber::check(&text).is_ok());
                let again = IbanNumber::parse(iban.as_str()).ok();
                prop_assert_eq!(again.as_ref().map(IbanNumber::as_str), Some(iban.as_str()));
            }
        }
    }
}

use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;

/// An email address, kept in lower case: one mailbox is one person, however it is typed.
///
/// The grammar of addresses is wide; what matters here is that a typing mistake is caught, that nothing in it can
/// start a second header or a second recipient in a mail, and that whatever passes could be delivered to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        Self::check(text)?;
        Ok(Self(text.trim().to_lowercase()))
    }

    /// What [`Email::parse`] checks, for a form that needs only the answer: the tables of lower-case letters are large,
    /// and a browser should not have to load them.
    pub fn check(text: &str) -> Result<(), Wrong> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Enter an email address.".into());
        }
        if text.len() > 254 {
            return Err("Enter an email address of at most 254 characters.".into());
        }
        let wrong = || Wrong::from("Enter an email address like name@example.com.");
        let (local, host) = text.rsplit_once('@').ok_or_else(wrong)?;
        let local_fits = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        let host_fits = host.contains('.')
            && host.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        if local_fits && host_fits { Ok(()) } else { Err(wrong()) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(Email);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_people_have() {
        for right in
            ["ada@example.com", " Ada.Lovelace+work@Example.CO.UK ", "o'neil@a-b.org", "zoë@bücher.example"]
        {
            assert!(Email::parse(right).is_ok(), "{right}");
        }
        assert_eq!(Email::parse(" Ada@Example.com ").unwrap().as_str(), "ada@example.com");
    }

    #[test]
    fn typing_mistakes_are_caught() {
        let long = format!("{}@example.com", "a".repeat(65));
        let wrongs = [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "ada@@example.com",
            "ada@example..com",
            "a da@example.com",
            ".ada@example.com",
            "ada@-example.com",
            "ada,bob@example.com",
            "<ada@example.com>",
            &long,
        ];
        for wrong in wrongs {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn parsing_is_stable_and_never_lets_a_header_in(text in "\\PC{0,40}@\\PC{0,20}\\.com|.*") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email.clone());
                prop_assert!(!email.as_str().contains(['\r', '\n', ' ', ',', ';', '<', '>', '"']));
            }
        }
    }
}

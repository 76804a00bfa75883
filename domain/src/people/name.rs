use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;

/// What a person is called. Any script and any number of words; only what cannot be shown is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    pub const MAX: usize = 120;

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        one_line(text, Self::MAX, "a name").map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// At most two letters for an avatar: those of the first and the last word.
    pub fn initials(&self) -> String {
        let mut words =
            self.0.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
        let first = words.next();
        let last = words.next_back();
        first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
    }
}

/// One line of text a person may enter: trimmed, white space folded, nothing invisible in it.
pub(crate) fn one_line(text: &str, max: usize, what: &str) -> Result<String, Wrong> {
    if text.chars().any(|c| (c.is_control() && !c.is_whitespace()) || is_direction_override(c)) {
        return Err("Remove the invisible control characters.".into());
    }
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.is_empty() {
        return Err(format!("Enter {what}.").into());
    }
    if folded.chars().count() > max {
        return Err(format!("Enter {what} of at most {max} characters.").into());
    }
    Ok(folded)
}

/// Characters that make text read otherwise than it is stored: somebody could pass for somebody else.
fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

text_type!(PersonName);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_world_pass() {
        for name in [
            "Ada",
            "María-José Carreño Quiñones",
            "王秀英",
            "عبد الله",
            "O'Neil",
            "Nguyễn Thị Minh Khai",
            "Xi",
        ] {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(PersonName::parse("  Ada   Lovelace\t").unwrap().as_str(), "Ada Lovelace");
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        for wrong in ["", "   ", "Ada\0", "Ada\u{202E}evol", &"x".repeat(121)] {
            assert!(PersonName::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        let initials = |name: &str| PersonName::parse(name).unwrap().initials();
        assert_eq!(
            [initials("ada"), initials("Ada King Lovelace"), initials("(王) 秀英")],
            ["A", "AL", "王秀"]
        );
    }

    proptest! {
        #[test]
        fn parsing_is_stable(text in ".{0,200}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}

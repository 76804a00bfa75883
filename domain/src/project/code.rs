use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::people::one_line;
use crate::text::text_type;

/// The short name of a project that people say and files carry: `ACME-INTAKE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct ProjectCode(String);

impl ProjectCode {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let code = text.trim().to_ascii_uppercase();
        if code.is_empty() {
            return Err("Enter a code.".into());
        }
        let fits = (2..=24).contains(&code.len())
            && code.starts_with(|c: char| c.is_ascii_alphanumeric())
            && code.ends_with(|c: char| c.is_ascii_alphanumeric())
            && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if fits {
            Ok(Self(code))
        } else {
            Err("Use 2 to 24 letters, digits and hyphens, like ACME-INTAKE.".into())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Declares a name of one line that is checked only for being one.
macro_rules! line_of_text {
    ($(#[$doc:meta])* $name:ident, $max:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, Wrong> {
                one_line(text, $max, $what).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_type!($name);
    };
}
pub(super) use line_of_text;

text_type!(ProjectCode);
line_of_text!(
    /// The full name of a project.
    ProjectName, 120, "a name"
);
line_of_text!(
    /// Whom the work is for.
    ClientName, 120, "a client"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_and_plain() {
        assert_eq!(ProjectCode::parse(" acme-intake ").unwrap().as_str(), "ACME-INTAKE");
        for wrong in ["", "A", "-A", "A-", "A B", "Ä1", "A_1", &"A".repeat(25)] {
            assert!(ProjectCode::parse(wrong).is_err(), "{wrong}");
        }
    }
}

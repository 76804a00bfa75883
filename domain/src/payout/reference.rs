use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::TransferId;

/// What a transfer is called outside: short enough for every kind of file, and without letters that are mistaken for
/// digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
pub struct Reference(String);

impl Reference {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    pub const LENGTH: usize = 12;

    /// From the part of an id that is random: 60 bits of it.
    pub fn of(id: TransferId) -> Self {
        let mut rest = id.0.as_u128();
        let mut letters = [b'0'; Self::LENGTH];
        for letter in letters.iter_mut().rev() {
            *letter = Self::LETTERS[usize::try_from(rest & 31).unwrap_or_default()];
            rest >>= 5;
        }
        Self(letters.iter().map(|letter| char::from(*letter)).collect())
    }

    /// As it comes back, in whatever letters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let fits = text.len() == Self::LENGTH && text.bytes().all(|letter| Self::LETTERS.contains(&letter));
        fits.then_some(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::people::one_line;
use crate::text::text_type;

/// How experienced somebody is on a project, in the project's own words: `junior`, `l2`. In lower case, so that nobody
/// misses a rate by a capital letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Level(String);

impl Level {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        Ok(Self(one_line(text, 40, "a level")?.to_lowercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(Level);

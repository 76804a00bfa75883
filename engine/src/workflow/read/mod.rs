//! From a file to a definition. Everything that is wrong with a file is said at once, each with its line and column and
//! what would be right.

mod definition;
mod fields;
mod kinds;
mod review;
mod tree;

use std::fmt;

pub use definition::read;
#[cfg(test)]
pub use definition::{STEP, TOP};
#[cfg(test)]
pub use kinds::{CASE, HTTP, RETRY, RULE, WAIT, WORKER};
#[cfg(test)]
pub use review::{FIELD_CONFIDENCE, LOW_CONFIDENCE, REVIEW};
pub use tree::Place;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    pub at: Place,
    pub message: String,
}

impl Misread {
    fn at(at: Place, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// A file as plain JSON, whatever it holds.
#[cfg(test)]
pub fn json(text: &str) -> Result<serde_json::Value, Misread> {
    tree::tree(text).map(|node| node.to_json())
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.at.line, self.at.column, self.message)
    }
}

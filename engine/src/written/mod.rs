//! What people write in files: YAML, and so JSON, read into a tree that knows where each value stands. Everything that is
//! wrong with a file is said at once, each with its line and column and what would be right.

mod fields;
mod tree;

use std::fmt;

use domain::Wrong;

pub use fields::{Fields, Notes};
pub use tree::{Key, Node, Place, What, tree};

/// More than this is not written by hand, and nobody reads it.
const LONGEST_FILE: usize = 256 * 1024;

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

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.at.line, self.at.column, self.message)
    }
}

/// The tree of a file that is not too long for anybody to have written it.
pub fn tree_of(text: &str) -> Result<Node, Vec<Misread>> {
    if text.len() > LONGEST_FILE {
        let message = format!("A file has at most {} kB.", LONGEST_FILE / 1024);
        return Err(vec![Misread::at(Place { line: 1, column: 1 }, message)]);
    }
    tree(text).map_err(|misread| vec![misread])
}

/// A file as plain JSON, whatever it holds.
#[cfg(test)]
pub fn json(text: &str) -> Result<serde_json::Value, Misread> {
    tree(text).map(|node| node.to_json())
}

/// What is said of a word that is none of those that are known.
pub fn one_of<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Wrong {
    let words: Vec<_> = all.iter().map(|one| word(*one)).collect();
    format!("Say {}.", words.join(", ")).into()
}

//! The log as text, for other programs and for proof.

use super::Line;
use crate::Error;
use crate::table::row;

/// The columns, in the order in which the hash covers them.
const COLUMNS: [&str; 13] = [
    "seq",
    "at",
    "actor_id",
    "actor_name",
    "action",
    "thing",
    "thing_id",
    "thing_name",
    "before",
    "after",
    "request_id",
    "previous_hash",
    "hash",
];

pub fn csv_head() -> Result<String, Error> {
    row(COLUMNS)
}

pub fn csv_row(line: &Line) -> Result<String, Error> {
    let line = line.clone();
    row([
        line.seq.to_string(),
        line.at.to_rfc3339(),
        line.actor_id.map(|id| id.to_string()).unwrap_or_default(),
        line.actor_name,
        line.action,
        line.thing,
        line.thing_id,
        line.thing_name,
        line.before.unwrap_or_default(),
        line.after.unwrap_or_default(),
        line.request_id,
        line.previous_hash,
        line.hash,
    ])
}

/// One JSON object in one line; `before` and `after` stay the text that was hashed.
pub fn jsonl_row(line: &Line) -> Result<String, Error> {
    Ok(serde_json::to_string(line)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_begins_with_its_titles() {
        assert!(csv_head().unwrap().starts_with("seq,at,"));
    }
}

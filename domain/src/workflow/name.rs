use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;

const LONGEST: usize = 60;

/// The words of CEL that are no names in it.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// What a workflow is called in files, addresses and calls: `document-intake`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct WorkflowName(String);

impl WorkflowName {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text == "apply" {
            return Err("“apply” is the address where workflows are applied; choose another name.".into());
        }
        spelled(text, '-').map(Self).ok_or_else(|| {
            Wrong::from(
                "Use small letters, digits and hyphens, beginning with a letter, like document-intake.",
            )
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a step is called in its workflow. Expressions write it as `steps.NAME`, so it is spelled as a name there:
/// `extract_fields`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct StepName(String);

impl StepName {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if RESERVED.contains(&text) {
            return Err("This word means something else in expressions; choose another name.".into());
        }
        spelled(text, '_').map(Self).ok_or_else(|| {
            Wrong::from(
                "Use small letters, digits and underscores, beginning with a letter, like extract_fields.",
            )
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a signal is called in definitions and calls: `contract-signed`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct SignalName(String);

impl SignalName {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        spelled(text, '-').map(Self).ok_or_else(|| {
            Wrong::from(
                "Use small letters, digits and hyphens, beginning with a letter, like contract-signed.",
            )
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the programs that do errands know their work by: `transcribe-audio`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct QueueName(String);

impl QueueName {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        spelled(text, '-').map(Self).ok_or_else(|| {
            Wrong::from(
                "Use small letters, digits and hyphens, beginning with a letter, like transcribe-audio.",
            )
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(WorkflowName);
text_type!(QueueName);
text_type!(SignalName);
text_type!(StepName);

pub(crate) fn spelled(text: &str, also: char) -> Option<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == also;
    let good = text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(fits)
        && !text.ends_with(also);
    good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_they_are_written_elsewhere() {
        assert!(WorkflowName::parse("document-intake").is_ok() && StepName::parse("extract_fields2").is_ok());
        for wrong in ["", "Document", "2nd", "a b", "-a", "a-", "ä", &"a".repeat(61)] {
            assert!(WorkflowName::parse(wrong).is_err(), "{wrong}");
        }
        // As an expression this would be a difference.
        assert!(StepName::parse("extract-fields").is_err());
        assert!(StepName::parse("in").is_err() && WorkflowName::parse("apply").is_err());
    }
}

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;
use crate::workflow::spelled;

/// What a model is called in definitions and addresses: `claims-reader`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelName(String);

/// What a prompt is called there: `extract-claim`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PromptName(String);

impl ModelName {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        hyphenated(text, "claims-reader").map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PromptName {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        hyphenated(text, "extract-claim").map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(ModelName);
text_type!(PromptName);

fn hyphenated(text: &str, like: &str) -> Result<String, Wrong> {
    if text == "apply" {
        return Err("“apply” is an address of its own; choose another name.".into());
    }
    spelled(text, '-').ok_or_else(|| {
        format!("Use small letters, digits and hyphens, beginning with a letter, like {like}.").into()
    })
}

/// Something out of a registry: its newest version at the time of choosing, or a certain one. `reader`, `reader@3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String", bound = "Name: PickName")]
pub struct Pick<Name> {
    pub name: Name,
    pub version: Option<i64>,
}

/// What can be picked by its name.
pub trait PickName: Sized + Clone + fmt::Display {
    fn parse(text: &str) -> Result<Self, Wrong>;
}

impl PickName for ModelName {
    fn parse(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl PickName for PromptName {
    fn parse(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl PickName for crate::workflow::WorkflowName {
    fn parse(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl<Name: PickName> Pick<Name> {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let Some((name, version)) = text.split_once('@') else {
            return Ok(Self { name: Name::parse(text)?, version: None });
        };
        let version = version.parse().ok().filter(|version| *version > 0);
        let version = version.ok_or("Behind the @ stands the number of a version, like @3.")?;
        Ok(Self { name: Name::parse(name)?, version: Some(version) })
    }
}

impl<Name: fmt::Display> fmt::Display for Pick<Name> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            Some(version) => write!(f, "{}@{version}", self.name),
            None => self.name.fmt(f),
        }
    }
}

impl<Name: PickName> TryFrom<String> for Pick<Name> {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl<Name: fmt::Display> From<Pick<Name>> for String {
    fn from(pick: Pick<Name>) -> Self {
        pick.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_behind_an_at() {
        let parse = Pick::<ModelName>::parse;
        assert_eq!(parse("reader").unwrap().version, None);
        assert_eq!(parse("reader@12").unwrap().to_string(), "reader@12");
        for wrong in ["", "Reader", "reader@", "reader@0", "reader@x", "reader@-1", "@2", "apply", "a@1@2"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let pick: Pick<PromptName> = serde_json::from_str("\"extract@4\"").unwrap();
        assert_eq!(serde_json::to_string(&pick).unwrap(), "\"extract@4\"");
    }
}

use serde::{Deserialize, Serialize};

use super::PromptName;
use crate::workflow::Template;

/// What a model is asked: text with places for what a step gives it. Immutable once it was applied; a change is a new
/// version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    pub name: PromptName,
    /// For people, in lists and headings.
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it is to be, and how it is to go about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Template>,
    /// What is asked this time.
    pub user: Template,
}

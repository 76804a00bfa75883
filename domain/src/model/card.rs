use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ModelName, Price};
use crate::audit::words;

/// What is known of a model: who offers it, how it is asked, what it costs, who answers for it. Immutable once it was
/// applied; a change is a new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub name: ModelName,
    /// For people, in lists and headings.
    pub title: String,
    pub api: Api,
    /// Where the API begins, like `https://api.example.com/v1`.
    pub url: String,
    /// What the provider calls the model, with its version.
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// The name of the secret that opens the API; nothing if it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How an answer is asked to be JSON, besides saying so in words.
    #[serde(default)]
    pub answers: Shape,
    /// Nothing if nobody is billed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    #[serde(default)]
    pub limits: Limits,
    /// What else every request holds, as its API knows it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    /// Who answers for it being used here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

words! {
    /// The way an API wants to be spoken to.
    Api {
        OpenAi => "openai", "OpenAI-compatible";
        Anthropic => "anthropic", "Anthropic-style";
    }
}

words! {
    /// What of an OpenAI-compatible API makes sure that an answer is JSON.
    #[derive(Default)]
    Shape {
        #[default]
        Text => "text", "asked for in words";
        JsonObject => "json_object", "made sure of by json_object";
        JsonSchema => "json_schema", "made sure of by json_schema";
    }
}

/// In tokens; nothing if it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most of question and answer together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u32>,
    /// The most of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<u32>,
}

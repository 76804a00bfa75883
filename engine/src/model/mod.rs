//! Models and prompts: reading what is written about them, keeping it in versions, and talking to models.

mod chat;
mod prompt;
mod read;
mod shelved;
mod talk;
#[cfg(test)]
mod tests;

pub use chat::{Message, Speaker, in_words};
pub use prompt::ReadyPrompt;
pub use read::{read_card, read_prompt, url};
pub use talk::{Asked, Found, Numbered, Record, Talk, Talked, Wants};

use domain::model::{Card, Prompt};

use crate::shelf::Versioned;

/// The use cases of models.
pub type Models = Versioned<Card>;

/// The use cases of prompts.
pub type Prompts = Versioned<Prompt>;

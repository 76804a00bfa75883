use std::collections::BTreeSet;

use domain::model::Prompt;
use serde_json::Value;

use super::{Message, Speaker};
use crate::template::Template;

/// A prompt ready to be filled in again and again.
pub struct ReadyPrompt {
    prompt: Prompt,
    system: Option<Template>,
    user: Template,
}

impl ReadyPrompt {
    pub fn new(prompt: Prompt) -> Result<Self, String> {
        let system = prompt.system.as_ref().map(|text| Template::new(&text.0)).transpose()?;
        Ok(Self { system, user: Template::new(&prompt.user.0)?, prompt })
    }

    pub const fn prompt(&self) -> &Prompt {
        &self.prompt
    }

    /// What whoever uses it has to give it.
    pub fn names(&self) -> BTreeSet<&str> {
        let parts = self.system.iter().chain([&self.user]);
        parts.flat_map(Template::names).map(|(name, _)| name).collect()
    }

    /// What is said to the model, with everything filled in.
    pub fn fill(&self, given: &Value) -> Result<Vec<Message>, String> {
        let mut messages = Vec::new();
        if let Some(system) = &self.system {
            let text = system.render(given).map_err(|why| self.cannot("system", &why))?;
            messages.push(Message { speaker: Speaker::System, text });
        }
        let text = self.user.render(given).map_err(|why| self.cannot("user", &why))?;
        messages.push(Message { speaker: Speaker::User, text });
        Ok(messages)
    }

    fn cannot(&self, part: &str, why: &str) -> String {
        format!("“{part}” of the prompt {} cannot be filled in: {why}", self.prompt.name)
    }
}

//! Where models and prompts are kept, and who may change them.

use domain::audit::{Action, Thing};
use domain::model::{Card, Prompt};
use domain::people::Permission;

use super::{read_card, read_prompt};
use crate::shelf::{Shelf, Shelved};
use crate::written::Misread;

impl Shelved for Card {
    const SHELF: Shelf = Shelf {
        table: "model",
        see: Permission::SeeWorkflows,
        manage: Permission::ManageWorkflows,
        applied: Action::ModelApplied,
        thing: Thing::Model,
    };

    fn read(source: &str) -> Result<Self, Vec<Misread>> {
        read_card(source)
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn title(&self) -> &str {
        &self.title
    }
}

impl Shelved for Prompt {
    const SHELF: Shelf = Shelf {
        table: "prompt",
        see: Permission::SeeWorkflows,
        manage: Permission::ManageWorkflows,
        applied: Action::PromptApplied,
        thing: Thing::Prompt,
    };

    fn read(source: &str) -> Result<Self, Vec<Misread>> {
        read_prompt(source)
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn title(&self) -> &str {
        &self.title
    }
}

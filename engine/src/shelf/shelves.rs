//! All that is kept in versions, and which of it a file is about.

use domain::audit::Thing;

use super::{Plan, Versioned};
use crate::Error;
use crate::act::Act;
use crate::db::Db;
use crate::model::{Models, Prompts};
use crate::workflow::Workflows;
use crate::written::tree_of;

/// The use cases of workflows, models and prompts.
#[derive(Clone)]
pub struct Shelves {
    pub workflows: Workflows,
    pub models: Models,
    pub prompts: Prompts,
}

impl Shelves {
    pub fn new(db: &Db) -> Self {
        Self {
            workflows: Versioned::new(db.clone()),
            models: Versioned::new(db.clone()),
            prompts: Versioned::new(db.clone()),
        }
    }

    /// What applying a file would do, whatever it is about. Nothing is changed.
    pub async fn plan(&self, act: &Act, source: &str) -> Result<Plan, Error> {
        match about(source) {
            Thing::Model => self.models.plan(act, source).await,
            Thing::Prompt => self.prompts.plan(act, source).await,
            _ => self.workflows.plan(act, source).await,
        }
    }

    /// Applies a file, whatever it is about: see [`Versioned::apply`].
    pub async fn apply(&self, act: &Act, source: &str, base: Option<i64>) -> Result<Plan, Error> {
        match about(source) {
            Thing::Model => self.models.apply(act, source, base).await,
            Thing::Prompt => self.prompts.apply(act, source, base).await,
            _ => self.workflows.apply(act, source, base).await,
        }
    }
}

/// What a file is about: its name stands behind another word for each kind.
pub fn about(source: &str) -> Thing {
    let Ok(root) = tree_of(source) else { return Thing::Workflow };
    match (root.has("steps"), root.has("model"), root.has("prompt")) {
        (false, true, false) => Thing::Model,
        (false, false, true) => Thing::Prompt,
        _ => Thing::Workflow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_is_about() {
        assert_eq!(about("model: reader\napi: openai\n"), Thing::Model);
        assert_eq!(about("prompt: extract\nuser: x\n"), Thing::Prompt);
        assert_eq!(about("name: x\nsteps: {}\n"), Thing::Workflow);
        assert_eq!(about("{{"), Thing::Workflow, "what cannot be read is refused as what is mostly meant");
    }
}

//! The models and prompts that a definition names.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Fault;
use domain::fault::FieldFault;
use domain::model::{Card, Prompt};
use domain::workflow::{Definition, Kind, Llm};

use super::ReadyPrompt;
use crate::Error;
use crate::db::Db;
use crate::shelf::{self, Shelved, Version};

/// Models and prompts, each with the number of its version; without one if it comes from a file.
#[derive(Clone, Default)]
pub struct Materials {
    models: Vec<(Option<i64>, Arc<Card>)>,
    prompts: Vec<(Option<i64>, Arc<ReadyPrompt>)>,
}

/// A version of something, or the thing as it stands in a file.
pub type Numbered<T> = (Option<i64>, Arc<T>);

impl Materials {
    /// What a definition names, as far as it is there: in the versions it says, or in the newest.
    pub async fn of(db: &Db, definition: &Definition) -> Result<Self, Error> {
        let mut materials = Self::default();
        for llm in steps(definition).map(|(_, llm)| llm) {
            let Llm { model, prompt, .. } = llm;
            if materials.model(llm).is_none()
                && let Some((number, card)) = kept::<Card>(db, model.name.as_str(), model.version).await?
            {
                materials.models.push((number, Arc::new(card)));
            }
            if materials.prompt(llm).is_none()
                && let Some((number, prompt)) =
                    kept::<Prompt>(db, prompt.name.as_str(), prompt.version).await?
            {
                materials.prompts.push((number, Arc::new(ready(prompt)?)));
            }
        }
        Ok(materials)
    }

    /// From files: whatever version is asked for, this is it.
    pub fn from_files(cards: Vec<Card>, prompts: Vec<Prompt>) -> Result<Self, Error> {
        let prompts = prompts.into_iter().map(|prompt| Ok((None, Arc::new(ready(prompt)?))));
        Ok(Self {
            models: cards.into_iter().map(|card| (None, Arc::new(card))).collect(),
            prompts: prompts.collect::<Result<_, Error>>()?,
        })
    }

    /// What these hold, and of what they do not, what others do.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        self.models.extend(others.models);
        self.prompts.extend(others.prompts);
        self
    }

    /// Whether there is nothing that a definition names and these do not hold.
    pub fn has_all_of(&self, definition: &Definition) -> bool {
        steps(definition).all(|(_, llm)| self.model(llm).is_some() && self.prompt(llm).is_some())
    }

    pub fn model(&self, llm: &Llm) -> Option<&Numbered<Card>> {
        let wanted = &llm.model;
        self.models.iter().find(|(number, card)| card.name == wanted.name && fits(*number, wanted.version))
    }

    pub fn prompt(&self, llm: &Llm) -> Option<&Numbered<ReadyPrompt>> {
        let wanted = &llm.prompt;
        let is_it = |prompt: &Prompt, number| prompt.name == wanted.name && fits(number, wanted.version);
        self.prompts.iter().find(|(number, ready)| is_it(ready.prompt(), *number))
    }

    /// The definition with the versions that are to be used, or what is wrong with what it names.
    pub fn settle(&self, mut definition: Definition) -> Result<Definition, Fault> {
        let mut wrong = Vec::new();
        for step in &mut definition.steps {
            let Kind::Llm(llm) = &mut step.kind else { continue };
            let mut say = |what: String| {
                let message = format!("“{}” {what}", step.name);
                wrong.push(FieldFault { field: String::new(), message });
            };
            let (model, prompt) = (self.model(llm).cloned(), self.prompt(llm).cloned());
            match model {
                Some((number, _)) => llm.model.version = number.or(llm.model.version),
                None => {
                    say(format!("asks the model {}, which there is not. Apply its file first.", llm.model));
                }
            }
            let Some((number, ready)) = prompt else {
                say(format!("uses the prompt {}, which there is not. Apply its file first.", llm.prompt));
                continue;
            };
            llm.prompt.version = number.or(llm.prompt.version);
            let given: BTreeSet<_> = llm.with.iter().map(|(name, _)| name.as_str()).collect();
            let needed = ready.names();
            for missing in needed.difference(&given) {
                say(format!("does not give the prompt {} its “{missing}”. Add it to “with”.", llm.prompt));
            }
            for unused in given.difference(&needed) {
                say(format!("gives the prompt {} “{unused}”, which it does not use.", llm.prompt));
            }
        }
        if wrong.is_empty() {
            return Ok(definition);
        }
        Err(Fault { fields: wrong, ..Fault::invalid("This cannot be applied; see what is wrong with it.") })
    }
}

/// The steps of a definition that ask models.
pub fn steps(definition: &Definition) -> impl Iterator<Item = (&domain::workflow::Step, &Llm)> {
    definition.steps.iter().filter_map(|step| match &step.kind {
        Kind::Llm(llm) => Some((step, &**llm)),
        _ => None,
    })
}

const fn fits(number: Option<i64>, wanted: Option<i64>) -> bool {
    match (number, wanted) {
        (Some(number), Some(wanted)) => number == wanted,
        _ => true,
    }
}

async fn kept<T: Shelved>(
    db: &Db,
    name: &str,
    number: Option<i64>,
) -> Result<Option<(Option<i64>, T)>, Error> {
    let version = shelf::version_by_name(db, T::SHELF, name, number).await?;
    let read = |version: Version| Ok((Some(version.number), serde_json::from_str(&version.definition)?));
    version.map(read).transpose()
}

fn ready(prompt: Prompt) -> Result<ReadyPrompt, Error> {
    let name = prompt.name.clone();
    ReadyPrompt::new(prompt)
        .map_err(|why| Error::Workflow(format!("the prompt {name} cannot be used: {why}")))
}

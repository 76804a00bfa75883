//! What a definition names: models, prompts, and the workflows that its maps send elements through.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Fault;
use domain::fault::FieldFault;
use domain::ids::WorkflowId;
use domain::model::{Card, Prompt};
use domain::workflow::{Definition, Kind, Llm, Map, Step};

use super::Prepared;
use crate::Error;
use crate::db::Db;
use crate::model::{Numbered, ReadyPrompt};
use crate::shelf::{self, Shelved, Version};

/// Models, prompts and workflows, each with the number of its version; without one if it comes from a file.
#[derive(Clone, Default)]
pub struct Materials {
    models: Vec<Numbered<Card>>,
    prompts: Vec<Numbered<ReadyPrompt>>,
    workflows: Vec<Part>,
}

/// A workflow that elements are sent through.
#[derive(Clone)]
pub struct Part {
    pub id: WorkflowId,
    pub version: i64,
    pub prepared: Arc<Prepared>,
}

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
        for map in maps(definition).map(|(_, map)| map) {
            if materials.part(map).is_none()
                && let Some(part) = part(db, map).await?
            {
                materials.workflows.push(part);
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
            workflows: Vec::new(),
        })
    }

    /// What these hold, and of what they do not, what others do.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        self.models.extend(others.models);
        self.prompts.extend(others.prompts);
        self.workflows.extend(others.workflows);
        self
    }

    /// Whether there is nothing that a definition names and these do not hold.
    pub fn has_all_of(&self, definition: &Definition) -> bool {
        steps(definition).all(|(_, llm)| self.model(llm).is_some() && self.prompt(llm).is_some())
            && maps(definition).all(|(_, map)| self.part(map).is_some())
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

    pub fn part(&self, map: &Map) -> Option<&Part> {
        let wanted = &map.workflow;
        let is_it = |part: &&Part| {
            part.prepared.definition().name == wanted.name && fits(Some(part.version), wanted.version)
        };
        self.workflows.iter().find(is_it)
    }

    /// The definition with the versions that are to be used, or what is wrong with what it names.
    pub fn settle(&self, mut definition: Definition) -> Result<Definition, Fault> {
        let mut wrong = Vec::new();
        for step in &mut definition.steps {
            let mut say = |what: String| {
                let message = format!("“{}” {what}", step.name);
                wrong.push(FieldFault { field: String::new(), message });
            };
            if let Kind::Map(map) = &mut step.kind {
                match self.part(map) {
                    Some(part) if part.prepared.definition().one_at_a_time.is_some() => say(format!(
                        "sends each element through {}, of which there is to be one at a time.",
                        map.workflow.name
                    )),
                    Some(part) => map.workflow.version = Some(part.version),
                    None => say(format!(
                        "sends each element through the workflow {}, which there is not. Apply its file first.",
                        map.workflow
                    )),
                }
            }
            let Kind::Llm(llm) = &mut step.kind else { continue };
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
pub fn steps(definition: &Definition) -> impl Iterator<Item = (&Step, &Llm)> {
    definition.steps.iter().filter_map(|step| match &step.kind {
        Kind::Llm(llm) => Some((step, &**llm)),
        _ => None,
    })
}

/// The steps of a definition that send elements through other workflows.
pub fn maps(definition: &Definition) -> impl Iterator<Item = (&Step, &Map)> {
    definition.steps.iter().filter_map(|step| match &step.kind {
        Kind::Map(map) => Some((step, map)),
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

/// The workflow of a map, with all it names in turn. That comes to an end: each was applied before the one that names it.
async fn part(db: &Db, map: &Map) -> Result<Option<Part>, Error> {
    let name = map.workflow.name.as_str();
    let Some(version) = shelf::version_by_name(db, Definition::SHELF, name, map.workflow.version).await?
    else {
        return Ok(None);
    };
    let definition: Definition = serde_json::from_str(&version.definition)?;
    let materials = Box::pin(Materials::of(db, &definition)).await?;
    let prepared = Arc::new(Prepared::new(definition, &materials)?);
    Ok(Some(Part { id: WorkflowId(version.of), version: version.number, prepared }))
}

fn ready(prompt: Prompt) -> Result<ReadyPrompt, Error> {
    let name = prompt.name.clone();
    ReadyPrompt::new(prompt)
        .map_err(|why| Error::Workflow(format!("the prompt {name} cannot be used: {why}")))
}

//! Where workflows are kept, and who may change them.

use chrono::{DateTime, Utc};
use domain::audit::{Action, Thing};
use domain::ids::WorkflowId;
use domain::people::Permission;
use domain::workflow::{Definition, WorkflowName};
use uuid::Uuid;

use super::material::{maps, steps};
use super::{Materials, Prepared, read};
use crate::Error;
use crate::db::{Db, DbError, Tx};

use crate::schedule;
use crate::shelf::{self, Entry, Shelf, Shelved, Versioned};
use crate::written::Misread;

/// The use cases of workflows.
pub type Workflows = Versioned<Definition>;

/// A workflow as those need it who start runs of it.
#[derive(Clone, Copy, Debug)]
pub struct Workflow {
    pub id: WorkflowId,
    /// The newest version.
    pub version: i64,
}

impl From<Entry> for Workflow {
    fn from(entry: Entry) -> Self {
        Self { id: WorkflowId(entry.id), version: entry.version }
    }
}

impl Shelved for Definition {
    const SHELF: Shelf = Shelf {
        table: "workflow",
        see: Permission::SeeWorkflows,
        manage: Permission::ManageWorkflows,
        applied: Action::WorkflowApplied,
        thing: Thing::Workflow,
    };

    fn read(source: &str) -> Result<Self, Vec<Misread>> {
        read(source)
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn title(&self) -> &str {
        &self.title
    }

    /// What a run does is told by one number: the newest models and prompts are chosen now, and not when it runs.
    async fn settled(self, db: &Db) -> Result<Self, Error> {
        let materials = Materials::of(db, &self).await?;
        let settled = materials.settle(self)?;
        Ok(Prepared::new(settled, &materials)?.into_definition())
    }

    async fn applied(&self, tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
        Ok(schedule::replace(tx, WorkflowId(id), &self.schedule, at).await?)
    }

    fn chosen(&self) -> Vec<String> {
        let line = |(step, llm): (&domain::workflow::Step, &domain::workflow::Llm)| {
            format!("{} asks {} with {}", step.name, llm.model, llm.prompt)
        };
        let through =
            maps(self).map(|(step, map)| format!("{} sends each through {}", step.name, map.workflow));
        steps(self).map(line).chain(through).collect()
    }
}

pub async fn named(db: &Db, name: &WorkflowName) -> Result<Option<Workflow>, DbError> {
    Ok(shelf::by_name(db, Definition::SHELF, name.as_str()).await?.map(Workflow::from))
}

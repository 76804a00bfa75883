//! Definitions that are ready to be run, each made ready once. A version never changes, so what is kept is never stale.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::WorkflowId;
use domain::workflow::{Definition, WorkflowName};

use super::{Materials, Prepared, Workflow, named};
use crate::Error;
use crate::db::Db;
use crate::shelf::{self, Shelved};

/// More than are in use at once; beyond it, all are forgotten and those in use made ready again.
const MOST_KEPT: usize = 500;

#[derive(Clone)]
pub struct Library {
    db: Db,
    ready: Arc<Mutex<Ready>>,
}

type Ready = HashMap<(WorkflowId, i64), Arc<Prepared>>;

impl Library {
    pub fn new(db: Db) -> Self {
        Self { db, ready: Arc::default() }
    }

    /// A workflow by its name, with its newest version ready to be run.
    pub async fn newest(&self, name: &WorkflowName) -> Result<Option<(Workflow, Arc<Prepared>)>, Error> {
        let Some(workflow) = named(&self.db, name).await? else { return Ok(None) };
        let prepared = self.version(workflow.id, workflow.version).await?;
        Ok(Some((workflow, prepared)))
    }

    /// One version of a workflow.
    pub async fn version(&self, id: WorkflowId, number: i64) -> Result<Arc<Prepared>, Error> {
        if let Some(ready) = self.ready().get(&(id, number)) {
            return Ok(Arc::clone(ready));
        }
        let version = shelf::version(&self.db, Definition::SHELF, id.0, number).await?;
        let version =
            version.ok_or_else(|| Error::Workflow(format!("there is no version {number} of {id}")))?;
        let definition: Definition = serde_json::from_str(&version.definition)?;
        let materials = Materials::of(&self.db, &definition).await?;
        let prepared = Arc::new(Prepared::new(definition, &materials)?);
        let mut ready = self.ready();
        if ready.len() >= MOST_KEPT {
            ready.clear();
        }
        ready.insert((id, number), Arc::clone(&prepared));
        Ok(prepared)
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Applying definitions, and looking at what was applied.

use std::time::Duration;

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::FieldFault;
use domain::ids::WorkflowId;
use domain::people::Permission;
use domain::workflow::{Definition, WorkflowName};
use serde_json::json;
use sha2::{Digest, Sha256};
use similar::TextDiff;
use tokio::task::spawn_blocking;

use super::store::{self, Version, VersionLine, Workflow};
use super::{Misread, Prepared, read};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Db;
use crate::page::Page;
use crate::secret::to_hex;

/// How long to look for the smallest difference; after that a larger one will do.
const DIFFERENCE_WITHIN: Duration = Duration::from_millis(200);

#[derive(Clone)]
pub struct Workflows {
    db: Db,
}

/// What applying a definition does, or would do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: WorkflowName,
    pub title: String,
    /// The version that is the newest afterwards.
    pub version: i64,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The first version of a new workflow.
    New,
    /// The newest version says the same already.
    Same,
    /// A new version; what is different in the file, line by line.
    Changed { difference: String },
}

/// A version with the workflow it belongs to.
#[derive(Clone, Debug)]
pub struct Opened {
    pub workflow: Workflow,
    pub version: Version,
    pub definition: Definition,
}

impl Workflows {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// What applying this definition would do. Nothing is changed.
    pub async fn plan(&self, act: &Act, source: &str) -> Result<Plan, Error> {
        act.need(Permission::ManageWorkflows)?;
        let read = Read::behind(source).await?;
        let newest = match store::by_name(&self.db, &read.definition.name).await? {
            Some(workflow) => store::version(&self.db, workflow.id, workflow.version).await?,
            None => None,
        };
        Ok(read.plan(newest.as_ref()).compared(newest.as_ref(), source))
    }

    /// Applies a definition: a version that says something new is kept under the next number. Whoever names the version
    /// they know of (0 for none) is refused if another has come since.
    pub async fn apply(&self, act: &Act, source: &str, base: Option<i64>) -> Result<Plan, Error> {
        act.need(Permission::ManageWorkflows)?;
        let read = Read::behind(source).await?;
        let fresh = Workflow {
            id: WorkflowId(act.world.id()),
            name: read.definition.name.clone(),
            title: read.definition.title.clone(),
            version: 0,
            changed_at: act.at,
        };
        let mut tx = self.db.begin().await?;
        // Of two who apply at once, the second finds what the first has kept.
        let workflow = store::hold(&mut tx, &fresh).await?;
        let newest = store::version_in(&mut tx, workflow.id, workflow.version).await?;
        if let Some(base) = base
            && base != workflow.version
        {
            let message = format!(
                "Version {} was applied meanwhile, by somebody who did not know of this one. Look at the change again.",
                workflow.version
            );
            return Err(Fault::conflict(message).into());
        }
        let plan = read.plan(newest.as_ref());
        if plan.change == Change::Same {
            return Ok(plan);
        }
        let (author_id, author_name) = act.author();
        let version = Version {
            workflow_id: workflow.id,
            number: plan.version,
            hash: read.hash.clone(),
            source: source.to_owned(),
            definition: read.kept.clone(),
            author_id,
            author_name,
            applied_at: act.at,
        };
        store::add(&mut tx, &plan.title, &version).await?;
        let entry = Entry {
            action: Action::WorkflowApplied,
            thing: Thing::Workflow,
            thing_id: plan.name.to_string(),
            thing_name: plan.name.as_str(),
            before: newest.as_ref().map(|before| json!({ "version": before.number, "hash": before.hash })),
            after: Some(json!({ "version": version.number, "hash": version.hash })),
        };
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        // Nobody waits for this any more.
        Ok(plan.compared(newest.as_ref(), source))
    }

    pub async fn list(
        &self,
        act: &Act,
        after: Option<&WorkflowName>,
        size: usize,
    ) -> Result<Page<Workflow>, Error> {
        act.need(Permission::SeeWorkflows)?;
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::list(&self.db, after, limit).await?, size))
    }

    /// One version of a workflow; the newest if none is named.
    pub async fn open(&self, act: &Act, name: &str, number: Option<i64>) -> Result<Opened, Error> {
        let workflow = self.named(act, name).await?;
        let number = number.unwrap_or(workflow.version);
        let version = store::version(&self.db, workflow.id, number).await?;
        let version = version.ok_or_else(|| Fault::not_found(format!("{name} has no version {number}.")))?;
        let definition = serde_json::from_str(&version.definition)?;
        Ok(Opened { workflow, version, definition })
    }

    /// The versions of a workflow, the newest first.
    pub async fn versions(
        &self,
        act: &Act,
        name: &str,
        before: Option<i64>,
        size: usize,
    ) -> Result<Page<VersionLine>, Error> {
        let workflow = self.named(act, name).await?;
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        let before = before.unwrap_or(i64::MAX);
        Ok(Page::of(store::versions(&self.db, workflow.id, before, limit).await?, size))
    }

    async fn named(&self, act: &Act, name: &str) -> Result<Workflow, Error> {
        act.need(Permission::SeeWorkflows)?;
        let found = match WorkflowName::parse(name) {
            Ok(name) => store::by_name(&self.db, &name).await?,
            Err(_) => None,
        };
        Ok(found.ok_or_else(|| Fault::not_found("There is no such workflow."))?)
    }
}

/// A definition that was read from its file.
struct Read {
    definition: Definition,
    /// As it is kept and hashed.
    kept: String,
    hash: String,
}

impl Read {
    /// Reading a large file takes a while, and so is done off the threads that serve requests.
    async fn behind(source: &str) -> Result<Self, Error> {
        let source = source.to_owned();
        spawn_blocking(move || Self::from(&source)).await?
    }

    fn from(source: &str) -> Result<Self, Error> {
        let definition = read(source).map_err(misread)?;
        let definition = Prepared::new(definition)?.into_definition();
        let kept = serde_json::to_string(&definition)?;
        let hash = to_hex(&Sha256::digest(&kept));
        Ok(Self { definition, kept, hash })
    }

    fn plan(&self, newest: Option<&Version>) -> Plan {
        let (version, change) = match newest {
            None => (1, Change::New),
            Some(newest) if newest.hash == self.hash => (newest.number, Change::Same),
            Some(newest) => (newest.number + 1, Change::Changed { difference: String::new() }),
        };
        Plan { name: self.definition.name.clone(), title: self.definition.title.clone(), version, change }
    }
}

impl Plan {
    /// With what is different in the file, where something is.
    fn compared(mut self, newest: Option<&Version>, source: &str) -> Self {
        if let (Change::Changed { difference: empty }, Some(newest)) = (&mut self.change, newest) {
            *empty = difference(&newest.source, source);
        }
        self
    }
}

/// What is different between two files, with three lines around each place.
pub fn difference(before: &str, after: &str) -> String {
    let diff = TextDiff::configure().timeout(DIFFERENCE_WITHIN).diff_lines(before, after);
    diff.unified_diff().context_radius(3).to_string()
}

/// Each fault with its place as the field: whoever shows it can lead there.
fn misread(all: Vec<Misread>) -> Fault {
    let fields = all
        .into_iter()
        .map(|one| FieldFault { field: format!("{}:{}", one.at.line, one.at.column), message: one.message });
    let mut fault = Fault::invalid("This definition cannot be applied; see what is wrong with it.");
    fault.fields = fields.collect();
    fault
}

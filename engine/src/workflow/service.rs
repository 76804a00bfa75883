//! Applying definitions, and looking at what was applied.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::FieldFault;
use domain::ids::WorkflowId;
use domain::people::Permission;
use domain::workflow::{Definition, WorkflowName};
use serde_json::json;
use sha2::{Digest, Sha256};
use similar::TextDiff;

use super::store::{self, Version, VersionLine, Workflow};
use super::{Misread, Prepared, read};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::{Entry, record};
use crate::db::Db;
use crate::page::Page;
use crate::secret::to_hex;

/// More than this is not written by hand, and nobody reads it.
const LONGEST_SOURCE: usize = 512 * 1024;

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
        let read = Read::from(source)?;
        let newest = match store::by_name(&self.db, &read.definition.name).await? {
            Some(workflow) => store::version(&self.db, workflow.id, workflow.version).await?,
            None => None,
        };
        Ok(read.plan(newest.as_ref(), source))
    }

    /// Applies a definition: a version that says something new is kept under the next number, and takes new runs.
    pub async fn apply(&self, act: &Act, source: &str) -> Result<Plan, Error> {
        act.need(Permission::ManageWorkflows)?;
        let read = Read::from(source)?;
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
        let plan = read.plan(newest.as_ref(), source);
        if plan.change == Change::Same {
            return Ok(plan);
        }
        let (author_id, author_name) = match &act.actor {
            Actor::Person { person, .. } => (Some(person.id), person.name.to_string()),
            Actor::System(name) => (None, (*name).to_owned()),
            Actor::Nobody => (None, String::new()),
        };
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
            before: newest.map(|before| json!({ "version": before.number, "hash": before.hash })),
            after: Some(json!({ "version": version.number, "hash": version.hash })),
        };
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        Ok(plan)
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
    fn from(source: &str) -> Result<Self, Error> {
        if source.len() > LONGEST_SOURCE {
            let most = LONGEST_SOURCE / 1024;
            return Err(Fault::field("source", format!("A definition has at most {most} kB.")).into());
        }
        let definition = read(source).map_err(misread)?;
        let definition = Prepared::new(definition)?.into_definition();
        let kept = serde_json::to_string(&definition)?;
        let hash = to_hex(&Sha256::digest(&kept));
        Ok(Self { definition, kept, hash })
    }

    fn plan(&self, newest: Option<&Version>, source: &str) -> Plan {
        let (version, change) = match newest {
            None => (1, Change::New),
            Some(newest) if newest.hash == self.hash => (newest.number, Change::Same),
            Some(newest) => {
                let difference = difference(&newest.source, source);
                (newest.number + 1, Change::Changed { difference })
            }
        };
        Plan { name: self.definition.name.clone(), title: self.definition.title.clone(), version, change }
    }
}

/// What is different between two files, with three lines around each place.
pub fn difference(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(3).to_string()
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

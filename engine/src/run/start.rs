//! Starting runs, one or many.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Fault;
use domain::fault::FieldFault;
use domain::ids::{ProjectId, RunId, WorkflowId};
use domain::people::Permission;
use domain::project::{Project, ProjectCode, ProjectStatus};
use domain::run::RunState;
use domain::span::Span;
use domain::workflow::WorkflowName;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Runs;
use super::store::{self, Fresh, Keyed, NewTask};
use crate::Error;
use crate::act::Act;
use crate::db::Tx;
use crate::project;
use crate::secret::to_hex;
use crate::workflow::{Prepared, Workflow};

/// Longer than any id of another system.
const LONGEST_KEY: usize = 200;

/// One item that is to go through a workflow.
#[derive(Clone, Debug)]
pub struct Start {
    pub workflow: String,
    pub input: Value,
    /// The code of the project it belongs to.
    pub project: Option<String>,
    /// What the caller calls it: the same key again is the same run.
    pub key: Option<String>,
}

/// The run of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    pub id: RunId,
    pub state: RunState,
    /// Whether it was made by this very call.
    pub made: bool,
}

/// Where an item stands that is being started: among those to be made, or refused.
type Place = Result<usize, Fault>;

impl Runs {
    /// Starts a run for each item; each has its own answer. With `all_or_none`, nothing is started unless all can be.
    pub async fn start(
        &self,
        act: &Act,
        items: Vec<Start>,
        all_or_none: bool,
    ) -> Result<Vec<Result<Started, Fault>>, Error> {
        act.need(Permission::StartRuns)?;
        let mut fresh = Vec::with_capacity(items.len());
        let mut places = Vec::with_capacity(items.len());
        let mut known = Known::default();
        for item in items {
            let place = match self.prepare(act, item, &mut known).await? {
                Ok(one) => {
                    fresh.push(one);
                    Ok(fresh.len() - 1)
                }
                Err(fault) => Err(fault),
            };
            places.push(place);
        }
        let may = |places: &[Place]| !all_or_none || places.iter().all(Result::is_ok);
        if fresh.is_empty() || !may(&places) {
            return Ok(answers(places, &HashMap::new(), &fresh));
        }
        let mut tx = self.db.begin().await?;
        let made = insert(&mut tx, act, &fresh, &mut places).await?;
        if !may(&places) {
            // The transaction is dropped, and with it what it began to make.
            return Ok(answers(places, &HashMap::new(), &fresh));
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(answers(places, &made, &fresh))
    }

    /// The run an item asks for, or why there can be none.
    pub(super) async fn prepare(
        &self,
        act: &Act,
        item: Start,
        known: &mut Known,
    ) -> Result<Result<Fresh, Fault>, Error> {
        if !known.workflows.contains_key(&item.workflow) {
            let found = match WorkflowName::parse(&item.workflow) {
                Ok(name) => self.library.newest(&name).await?,
                Err(_) => None,
            };
            known.workflows.insert(item.workflow.clone(), found);
        }
        let Some(Some((workflow, prepared))) = known.workflows.get(&item.workflow) else {
            let shown: String = item.workflow.chars().take(60).collect();
            return Ok(Err(Fault::field("workflow", format!("There is no workflow “{shown}”."))));
        };
        if let Some(key) = &item.key
            && (key.is_empty() || key.chars().count() > LONGEST_KEY || key.contains(char::is_control))
        {
            let message = format!("A key has 1 to {LONGEST_KEY} characters, all of them visible.");
            return Ok(Err(Fault::field("key", message)));
        }
        let faults = prepared.faults_of(&item.input);
        if !faults.is_empty() {
            let message = "The input does not fit the schema of the workflow.";
            return Ok(Err(Fault::misfit("input", faults, message)));
        }
        let single = match prepared.single(&item.input) {
            Ok(single) => single,
            Err(why) => return Ok(Err(Fault::field("input", why))),
        };
        let input = serde_json::to_string(&item.input)?;
        let mut fresh = Fresh { single, ..Fresh::of(act, workflow, prepared, input) };
        if let Some(code) = item.project {
            match self.project_of(code, &mut known.projects).await? {
                Ok(project) => fresh.project_id = Some(project),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        fresh.input_hash = item.key.as_ref().map(|_| fresh.hash());
        Ok(Ok(Fresh { key: item.key, ..fresh }))
    }

    /// The project a run is to belong to, or why it cannot.
    async fn project_of(
        &self,
        code: String,
        known: &mut HashMap<String, Option<Project>>,
    ) -> Result<Result<ProjectId, Fault>, Error> {
        if !known.contains_key(&code) {
            let found = match ProjectCode::parse(&code) {
                Ok(parsed) => project::coded(&self.db, &parsed).await?,
                Err(_) => None,
            };
            known.insert(code.clone(), found);
        }
        let shown: String = code.chars().take(30).collect();
        Ok(match known.get(&code).and_then(Option::as_ref) {
            Some(project) if project.status == ProjectStatus::Closed => {
                Err(Fault::field("project", format!("The project {} is closed.", project.code.as_str())))
            }
            Some(project) => Ok(project.id),
            None => Err(Fault::field("project", format!("There is no project “{shown}”."))),
        })
    }
}

/// What several items ask for, looked up once.
#[derive(Default)]
pub(super) struct Known {
    workflows: HashMap<String, Option<(Workflow, Arc<Prepared>)>>,
    projects: HashMap<String, Option<Project>>,
}

impl Fresh {
    /// A run of the newest version, without a key.
    pub(super) fn of(act: &Act, workflow: &Workflow, prepared: &Prepared, input: String) -> Self {
        Self {
            id: RunId(act.world.id()),
            workflow_id: workflow.id,
            version: workflow.version,
            priority: prepared.definition().priority.rank(),
            key: None,
            input_hash: None,
            input,
            origin_id: None,
            project_id: None,
            single: None,
            time: prepared.definition().budget.time.map(Span::duration),
        }
    }

    /// What must be the same for the same key to be the same run.
    fn hash(&self) -> String {
        let mut hash = Sha256::new_with_prefix(&self.input);
        if let Some(ProjectId(project)) = self.project_id {
            hash.update(project);
        }
        to_hex(&hash.finalize())
    }

    /// Its first task.
    pub(super) fn task(&self, run_at: DateTime<Utc>) -> NewTask {
        let deadline = self.time.map(|time| run_at + time);
        NewTask { run_id: self.id, priority: self.priority, run_at, lease_epoch: 0, signals: 0, deadline }
    }
}

/// Makes what can be made. Of those whose key is known already, and of those of which there is to be one at a time, the run
/// there is takes the place; where a key began with another input, a refusal.
pub(super) async fn insert(
    tx: &mut Tx,
    act: &Act,
    fresh: &[Fresh],
    places: &mut [Place],
) -> Result<HashMap<RunId, Started>, Error> {
    // Two callers with the same keys in another order must not wait for one another in a circle.
    let mut in_order = fresh.to_vec();
    in_order.sort_by(|one, other| {
        (one.workflow_id, &one.key, &one.single).cmp(&(other.workflow_id, &other.key, &other.single))
    });
    let at = tx.clock(&act.world).await?;
    let made: HashSet<_> =
        store::insert_runs(tx, &in_order, &act.author().1, at).await?.into_iter().collect();
    let tasks: Vec<_> =
        in_order.iter().filter(|run| made.contains(&run.id)).map(|run| run.task(at)).collect();
    store::enqueue(tx, &tasks).await?;
    let mut started: HashMap<_, _> =
        made.iter().map(|id| (*id, Started { id: *id, state: RunState::Pending, made: true })).collect();
    if made.len() < fresh.len() {
        let rest = || fresh.iter().filter(|run| !made.contains(&run.id));
        let there = already_there(tx, rest()).await?;
        let singles = under_way(tx, rest()).await?;
        for place in places.iter_mut() {
            let Ok(index) = place else { continue };
            let run = &fresh[*index];
            if made.contains(&run.id) {
                continue;
            }
            let keyed =
                run.key.as_ref().and_then(|key| Some((key, there.get(&(run.workflow_id, key.clone()))?)));
            let Some((key, keyed)) = keyed else {
                let single =
                    run.single.as_ref().and_then(|single| singles.get(&(run.workflow_id, single.clone())));
                started.extend(single.map(|there| (run.id, *there)));
                continue;
            };
            if run.input_hash.as_ref() == Some(&keyed.input_hash) {
                started.insert(run.id, Started { id: keyed.id, state: keyed.state, made: false });
            } else {
                let message = format!(
                    "The key “{key}” belongs to run {}, which began with another input. Use a new key, or send that input.",
                    keyed.id
                );
                let fields = vec![FieldFault { field: "key".to_owned(), message: message.clone() }];
                *place = Err(Fault { fields, ..Fault::conflict(message) });
            }
        }
    }
    Ok(started)
}

async fn already_there(
    tx: &mut Tx,
    runs: impl Iterator<Item = &Fresh>,
) -> Result<HashMap<(WorkflowId, String), Keyed>, Error> {
    let mut by_workflow: HashMap<WorkflowId, Vec<String>> = HashMap::new();
    for run in runs {
        by_workflow.entry(run.workflow_id).or_default().extend(run.key.clone());
    }
    let mut there = HashMap::new();
    for (workflow, keys) in by_workflow {
        let found = store::by_keys(tx, workflow, &keys).await?;
        there.extend(found.into_iter().map(|keyed| ((workflow, keyed.key.clone()), keyed)));
    }
    Ok(there)
}

/// Of which there is to be one at a time, and is one.
async fn under_way(
    tx: &mut Tx,
    runs: impl Iterator<Item = &Fresh>,
) -> Result<HashMap<(WorkflowId, String), Started>, Error> {
    let mut by_workflow: HashMap<WorkflowId, Vec<String>> = HashMap::new();
    for run in runs {
        by_workflow.entry(run.workflow_id).or_default().extend(run.single.clone());
    }
    let mut there = HashMap::new();
    for (workflow, singles) in by_workflow {
        for (single, id, state) in store::by_singles(tx, workflow, &singles).await? {
            there.insert((workflow, single), Started { id, state, made: false });
        }
    }
    Ok(there)
}

fn answers(
    places: Vec<Place>,
    started: &HashMap<RunId, Started>,
    fresh: &[Fresh],
) -> Vec<Result<Started, Fault>> {
    let alone = places.len() == 1;
    let not_made = |run: &Fresh| {
        let one_has_ended = run.single.is_some() && (alone || !started.is_empty());
        Fault::conflict(if one_has_ended {
            "There is to be one of its kind at a time, and one has ended just now. Start it again."
        } else {
            "Nothing was started: others of these items cannot be, and all were to be or none."
        })
    };
    let answer = |place: Place| {
        let run = &fresh[place?];
        started.get(&run.id).copied().ok_or_else(|| not_made(run))
    };
    places.into_iter().map(answer).collect()
}

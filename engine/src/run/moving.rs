//! Runs stay on the version they were started on. Moving those that have not ended over to another is somebody's decision,
//! shown before it is made: which of them can go on by the other version, and why the others cannot.
//!
//! What a run has found stays found. A step that the other version does not have counts no more; one that only the other has
//! is done, wherever it stands. What is under way when the run is moved has to be the same in both.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::FieldFault;
use domain::ids::{RunId, WorkflowId};
use domain::people::Permission;
use domain::span::Span;
use domain::workflow::{Definition, StepName, WorkflowName};
use serde_json::{Value, json};

use super::Runs;
use super::store::{self, Event, Movable, Moved};
use super::way::{Before, Way};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record_all};
use crate::db::Tx;
use crate::workflow::{About, Prepared, Schema, Workflow, named};

/// How many share a transaction.
const AT_ONCE: usize = 256;

/// How many are looked at by one call: it is to end while somebody still waits for it.
const MOST: usize = 10_000;

/// What a move would do, or did.
#[derive(Clone, Debug)]
pub struct Move {
    /// The version they go on by.
    pub to: i64,
    pub newest: i64,
    pub runs: usize,
    /// Why others stay where they are.
    pub stay: Vec<Stay>,
    /// Whether there are more than one call looks at.
    pub more: bool,
}

/// Runs that cannot be moved, for the same reason.
#[derive(Clone, Debug)]
pub struct Stay {
    pub because: String,
    pub runs: usize,
    /// One of them.
    pub example: RunId,
}

/// What a version wants its steps to find.
type Wants = BTreeMap<StepName, Schema>;

/// A move that was asked for, and what has come of it so far.
struct Moving {
    workflow: Workflow,
    name: WorkflowName,
    to: i64,
    prepared: Arc<Prepared>,
    wanted: Wants,
    goes: usize,
    stay: BTreeMap<String, (usize, RunId)>,
}

impl Runs {
    /// What a move of all that have not ended to a version would come to; to the newest if none is named. Nothing is changed.
    pub async fn would_move(&self, act: &Act, name: &str, to: Option<i64>) -> Result<Move, Error> {
        let moving = self.moving(act, name, to).await?;
        self.through(act, moving, false).await
    }

    /// Moves all that can go on by a version to it.
    pub async fn move_over(&self, act: &Act, name: &str, to: Option<i64>) -> Result<Move, Error> {
        let moving = self.moving(act, name, to).await?;
        let moved = self.through(act, moving, true).await?;
        self.bell.ring();
        Ok(moved)
    }

    /// How many that have not ended are on other versions than the newest, counted up to a limit.
    pub async fn on_other_versions(
        &self,
        act: &Act,
        workflow: WorkflowId,
        newest: i64,
    ) -> Result<usize, Error> {
        act.need(Permission::SeeRuns)?;
        Ok(store::elsewhere(&self.db, workflow, newest, None, MOST).await?.len())
    }

    async fn moving(&self, act: &Act, name: &str, to: Option<i64>) -> Result<Moving, Error> {
        act.need(Permission::ManageRuns)?;
        let none = || Fault::not_found("There is no such workflow.");
        let name = WorkflowName::parse(name).map_err(|_| none())?;
        let workflow = named(&self.db, &name).await?.ok_or_else(none)?;
        let to = to.unwrap_or(workflow.version);
        if !(1..=workflow.version).contains(&to) {
            let message = format!("{name} has the versions 1 to {}.", workflow.version);
            return Err(Fault::field("to", message).into());
        }
        let prepared = self.library.version(workflow.id, to).await?;
        let wanted = wants(prepared.definition())?;
        Ok(Moving { workflow, name, to, prepared, wanted, goes: 0, stay: BTreeMap::new() })
    }

    async fn through(&self, act: &Act, mut moving: Moving, really: bool) -> Result<Move, Error> {
        let mut before = None;
        let mut seen = 0;
        loop {
            let room = AT_ONCE.min(MOST - seen);
            let some = store::elsewhere(&self.db, moving.workflow.id, moving.to, before, room.max(1)).await?;
            let Some((last, _)) = some.last().copied().filter(|_| room > 0) else {
                return Ok(moving.outcome(!some.is_empty()));
            };
            before = Some(last);
            seen += some.len();
            self.some(act, &mut moving, &some, really).await?;
        }
    }

    async fn some(
        &self,
        act: &Act,
        moving: &mut Moving,
        some: &[(RunId, i64)],
        really: bool,
    ) -> Result<(), Error> {
        // Before the transaction, which would otherwise wait for it.
        let mut versions = BTreeMap::new();
        for (_, version) in some {
            if !versions.contains_key(version) {
                versions.insert(*version, self.library.version(moving.workflow.id, *version).await?);
            }
        }
        let ids: Vec<_> = some.iter().map(|(id, _)| *id).collect();
        let mut tx = self.db.begin().await?;
        // Whoever wants to claim them passes over them meanwhile.
        let movable = store::hold_movable(&mut tx, &ids).await?;
        let free: Vec<_> = movable.iter().filter(|run| !run.taken).map(|run| run.id).collect();
        let mut histories = Before::of(&mut tx, &free, &free).await?.by_run();
        let mut go = Vec::new();
        for run in movable {
            // Another version may have been reached meanwhile.
            let Some(from) = versions.get(&run.version).filter(|_| run.version != moving.to) else {
                continue;
            };
            let history = histories.remove(&run.id).unwrap_or_default();
            match why_it_stays(&run, from, (&moving.prepared, moving.to), &moving.wanted, &history)? {
                Some(because) => moving.stay.entry(because).or_insert((0, run.id)).0 += 1,
                None => go.push(run),
            }
        }
        moving.goes += go.len();
        if really && !go.is_empty() {
            write(&mut tx, act, moving, &go).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Moving {
    fn outcome(self, more: bool) -> Move {
        let stay = self.stay.into_iter().map(|(because, (runs, example))| Stay { because, runs, example });
        let mut stay: Vec<_> = stay.collect();
        stay.sort_by_key(|stay| std::cmp::Reverse(stay.runs));
        Move { to: self.to, newest: self.workflow.version, runs: self.goes, stay, more }
    }
}

async fn write(tx: &mut Tx, act: &Act, moving: &Moving, go: &[Movable]) -> Result<(), Error> {
    let now = tx.clock(&act.world).await?;
    let definition = moving.prepared.definition();
    let moved: Vec<_> = go
        .iter()
        .map(|run| Moved {
            run_id: run.id,
            version: moving.to,
            priority: definition.priority.rank(),
            deadline: deadline(definition, run.created_at),
        })
        .collect();
    store::move_tasks(tx, &moved, now).await?;
    store::move_runs(tx, &moved).await?;
    let event = |run: &Movable| Event {
        run_id: run.id,
        id: act.world.id(),
        at: act.at,
        kind: "moved".to_owned(),
        actor_name: act.author().1,
        detail: format!("Moved from version {} to version {}.", run.version, moving.to),
    };
    store::insert_events(tx, &go.iter().map(event).collect::<Vec<_>>()).await?;
    let entries: Vec<_> = go
        .iter()
        .map(|run| Entry {
            action: Action::RunMoved,
            thing: Thing::Run,
            thing_id: run.id.to_string(),
            thing_name: moving.name.as_str(),
            before: Some(json!({ "version": run.version })),
            after: Some(json!({ "version": moving.to })),
        })
        .collect();
    record_all(tx, act, &entries).await
}

fn wants(definition: &Definition) -> Result<Wants, Error> {
    let schemas = definition.steps.iter().filter_map(|step| Some((&step.name, step.kind.output()?)));
    let unsound = |why| Error::Workflow(format!("{} cannot be run: {why}", definition.name));
    schemas.map(|(name, schema)| Ok((name.clone(), Schema::new(schema).map_err(unsound)?))).collect()
}

fn deadline(definition: &Definition, created_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    definition.budget.time.map(|time| created_at + Span::duration(time))
}

/// Nothing if a run can go on by another version.
fn why_it_stays(
    run: &Movable,
    from: &Prepared,
    (to, number): (&Prepared, i64),
    wanted: &Wants,
    before: &Before,
) -> Result<Option<String>, Error> {
    if run.taken {
        return Ok(Some("A worker has it at this moment.".to_owned()));
    }
    let input: Value = serde_json::from_str(&run.input)?;
    if let Some(fault) = to.faults_of(&input).first() {
        let what = said(fault, "Its input");
        return Ok(Some(format!("{what} does not fit the schema of version {number}.")));
    }
    let way = Way::new(input, About::default(), run.created_at, before)?;
    for step in &from.definition().steps {
        let name = &step.name;
        let other = to.definition().step(name);
        if way.is_under_way(name) {
            match other {
                Some(other) if other == step => {}
                Some(_) => {
                    return Ok(Some(format!(
                        "It waits at the step “{name}”, which is another one in version {number}."
                    )));
                }
                None => {
                    return Ok(Some(format!(
                        "It waits at the step “{name}”, which version {number} does not have."
                    )));
                }
            }
        }
        let found = way.known.steps.get(name).filter(|found| !found.is_null());
        let (Some(other), Some(found)) = (other, found) else { continue };
        if step.kind.word() != other.kind.word() {
            return Ok(Some(format!(
                "It has done the step “{name}”, which is of another kind in version {number}."
            )));
        }
        if wanted.get(name).is_some_and(|schema| !schema.faults(found).is_empty()) {
            return Ok(Some(format!(
                "What its step “{name}” has found does not fit what version {number} wants of it."
            )));
        }
    }
    Ok(None)
}

fn said(fault: &FieldFault, whole: &str) -> String {
    if fault.field.is_empty() { whole.to_owned() } else { format!("{whole}, at {},", fault.field) }
}

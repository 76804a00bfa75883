//! Pausing a workflow: its runs are left at their next checkpoint and not gone on with until somebody says so. New ones are
//! taken in and wait with the others.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::WorkflowId;
use domain::people::Permission;
use domain::workflow::WorkflowName;
use serde_json::json;
use tokio::time::Instant;

use super::Runs;
use super::store::{self, Pause};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Db;
use crate::workflow::{Workflow, named};
use crate::world::World;

/// How long a run is put off that was claimed while its workflow is paused, and up to twice that: not all at once.
const PUT_OFF: TimeDelta = TimeDelta::seconds(60);

/// How long what is known of pauses is good enough.
const FRESH: Duration = Duration::from_secs(1);

/// When what was put off goes on after its workflow does: a little more than what workers know may be old.
const SOON: TimeDelta = TimeDelta::milliseconds(1_500);

/// How many runs are made due in one transaction when a workflow goes on.
const AT_ONCE: i64 = 1_000;

const LONGEST_WHY: usize = 500;

impl Runs {
    pub async fn pause(&self, act: &Act, name: &str, why: &str) -> Result<(), Error> {
        let (name, workflow) = self.to_pause(act, name).await?;
        let why = why.trim();
        if why.chars().count() > LONGEST_WHY || why.contains('\0') {
            return Err(Fault::field("why", format!("Say it in {LONGEST_WHY} characters.")).into());
        }
        let mut tx = self.db.begin().await?;
        if !store::pause(&mut tx, workflow.id, act.at, &act.author().1, why).await? {
            return Err(Fault::conflict("This workflow is paused already.").into());
        }
        record(&mut tx, act, entry(&name, Action::WorkflowPaused, why)).await?;
        Ok(tx.commit().await?)
    }

    pub async fn resume(&self, act: &Act, name: &str) -> Result<(), Error> {
        let (name, workflow) = self.to_pause(act, name).await?;
        let mut tx = self.db.begin().await?;
        if !store::resume(&mut tx, workflow.id).await? {
            return Err(Fault::conflict("This workflow is not paused.").into());
        }
        record(&mut tx, act, entry(&name, Action::WorkflowResumed, "")).await?;
        tx.commit().await?;
        self.hurry(act, workflow.id).await
    }

    /// What was put off would come by itself within two minutes.
    async fn hurry(&self, act: &Act, workflow: WorkflowId) -> Result<(), Error> {
        loop {
            let mut tx = self.db.begin().await?;
            let now = tx.clock(&act.world).await?;
            // By then every worker has found out; who goes by what it knew would only put them off again.
            let due = now + SOON;
            let hurried = store::hurry(&mut tx, workflow, due, now + PUT_OFF * 2, AT_ONCE).await?;
            tx.commit().await?;
            self.bell.ring();
            if hurried < AT_ONCE.unsigned_abs() {
                return Ok(());
            }
        }
    }

    /// What is paused, since when and by whom.
    pub async fn pauses(&self, act: &Act) -> Result<Vec<Pause>, Error> {
        act.need(Permission::SeeRuns)?;
        Ok(store::pauses(&self.db).await?)
    }

    async fn to_pause(&self, act: &Act, name: &str) -> Result<(WorkflowName, Workflow), Error> {
        act.need(Permission::ManageRuns)?;
        let none = || Fault::not_found("There is no such workflow.");
        let name = WorkflowName::parse(name).map_err(|_| none())?;
        let workflow = named(&self.db, &name).await?.ok_or_else(none)?;
        Ok((name, workflow))
    }
}

fn entry<'a>(
    name: &'a WorkflowName,
    action: Action,
    why: &str,
) -> Entry<'a, serde_json::Value, serde_json::Value> {
    let paused = action == Action::WorkflowPaused;
    Entry {
        action,
        thing: Thing::Workflow,
        thing_id: name.to_string(),
        thing_name: name.as_str(),
        before: Some(json!({ "paused": !paused })),
        after: Some(json!({ "paused": paused, "why": why })),
    }
}

/// What a worker knows of pauses.
#[derive(Clone, Default)]
pub struct Paused(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    looked_at: Option<Instant>,
    workflows: HashSet<WorkflowId>,
}

impl Paused {
    /// Finds out what is paused, if that was some time ago. What cannot be found out is as it was.
    pub async fn look(&self, db: &Db) {
        {
            let mut known = self.known();
            if known.looked_at.is_some_and(|at| at.elapsed() < FRESH) {
                return;
            }
            known.looked_at = Some(Instant::now());
        }
        match store::pauses(db).await {
            Ok(all) => self.known().workflows = all.into_iter().map(|pause| pause.workflow_id).collect(),
            Err(error) => tracing::warn!(%error, "it cannot be seen what is paused; going by what is known"),
        }
    }

    pub fn has(&self, workflow: WorkflowId) -> bool {
        self.known().workflows.contains(&workflow)
    }

    /// When a run is looked at again that was claimed all the same.
    pub fn until(now: DateTime<Utc>, world: &World) -> DateTime<Utc> {
        let share = Duration::from_mins(1).mul_f64(world.fraction());
        now + PUT_OFF + TimeDelta::from_std(share).unwrap_or_default()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

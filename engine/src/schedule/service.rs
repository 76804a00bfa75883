use chrono::{DateTime, Utc};
use domain::ids::WorkflowId;
use domain::people::Permission;
use domain::workflow::Schedule;

use super::cron::next_after;
use super::store::{self, Row};
use crate::Error;
use crate::act::Act;
use crate::db::{Db, DbError, Tx};

/// More than anybody looks at.
const MOST_SHOWN: i64 = 500;

/// The use cases of schedules.
#[derive(Clone)]
pub struct Schedules {
    db: Db,
}

impl Schedules {
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// What starts by itself, the next first.
    pub async fn list(&self, act: &Act) -> Result<Vec<Row>, Error> {
        act.need(Permission::SeeRuns)?;
        Ok(store::list(&self.db, MOST_SHOWN).await?)
    }
}

/// A workflow starts by itself as its newest version says, and at no other times.
pub async fn replace(
    tx: &mut Tx,
    workflow: WorkflowId,
    schedules: &[Schedule],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    store::clear(tx, workflow).await?;
    for (number, Schedule { cron, zone, input }) in (1..).zip(schedules) {
        if let Some(next_at) = next_after(cron, zone, at) {
            store::add(tx, workflow, number, (cron, zone, &input.to_string()), next_at).await?;
        }
    }
    Ok(())
}

//! Starting what is due by its schedule.

use chrono::{DateTime, Utc};
use domain::Fault;

use super::start::{Known, insert};
use super::store::Fresh;
use super::{Runs, Start};
use crate::Error;
use crate::act::{Act, Actor};
use crate::schedule::{self, next_after};
use crate::world::World;

/// Who is written down as having started it.
const AUTHOR: &str = "schedule";

impl Runs {
    /// Starts the first run that is due; answers whether one was. What was missed while nobody worked is made up for once.
    pub(super) async fn start_due(&self, world: &World, now: DateTime<Utc>) -> Result<bool, Error> {
        let Some(row) = schedule::first_due(&self.db, now).await? else { return Ok(false) };
        let act = Act::new(world, Actor::System(AUTHOR), world.id().to_string());
        // Whoever comes to the same moment twice finds the same run.
        let key = Some(format!("{AUTHOR} {} {}", row.number, row.next_at.to_rfc3339()));
        let fresh = match self.prepare_due(&act, &row, key).await {
            Ok(fresh) => fresh,
            // Nothing was wrong with the schedule.
            Err(Error::Database(error)) => return Err(error.into()),
            // It is to keep no other from starting.
            Err(error) => Err(Fault::conflict(format!("What is to be started cannot be read: {error}"))),
        };
        let mut tx = self.db.begin().await?;
        // What comes no more stays in a year far away.
        let next = next_after(&row.cron, &row.zone, now).unwrap_or(FAR_AWAY);
        if !schedule::move_on(&mut tx, &row, next).await? {
            return Ok(true);
        }
        let (run, error) = match fresh {
            Ok(fresh) => {
                let mut places = [Ok(0)];
                let started = insert(&mut tx, &act, std::slice::from_ref(&fresh), &mut places).await?;
                let [place] = places;
                match (place, started.get(&fresh.id)) {
                    (Ok(_), Some(started)) if started.made => (Some(started.id), String::new()),
                    (Ok(_), _) => (None, "The run before had not ended, so none was started.".to_owned()),
                    (Err(fault), _) => (None, fault.message),
                }
            }
            Err(fault) => (None, fault.message),
        };
        schedule::note(&mut tx, &row, run, &error).await?;
        tx.commit().await?;
        self.bell.ring();
        Ok(true)
    }

    async fn prepare_due(
        &self,
        act: &Act,
        row: &schedule::ScheduleRow,
        key: Option<String>,
    ) -> Result<Result<Fresh, Fault>, Error> {
        let input = serde_json::from_str(&row.input)?;
        let start = Start { workflow: row.workflow.to_string(), input, project: None, key };
        self.prepare(act, start, &mut Known::default()).await
    }
}

/// The first day of the year 9999, which both databases can keep.
const FAR_AWAY: DateTime<Utc> = match DateTime::from_timestamp(253_370_764_800, 0) {
    Some(at) => at,
    None => DateTime::<Utc>::MAX_UTC,
};

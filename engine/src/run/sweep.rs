//! The same for many runs at once: all that a filter finds, some hundreds to a transaction.

use domain::ids::RunId;
use domain::people::Permission;
use domain::run::{RunState, Sweep};

use super::store::{self, RunFilter};
use super::{Runs, Wanted, change};
use crate::Error;
use crate::act::Act;

/// How many share a transaction.
const AT_ONCE: usize = 256;

/// How many are changed by one call: it is to end while somebody still waits for it.
const MOST: usize = 10_000;
/// Starting over reads every input and looks whether it still fits.
const MOST_STARTED_OVER: usize = 2_000;

/// What a sweep would do, or did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub runs: usize,
    /// Found, and left as they were: they have changed meanwhile, or their input fits no more.
    pub left: usize,
    /// Whether there are more than one call changes.
    pub more: bool,
}

impl Runs {
    /// How many a sweep would change. Nothing is changed.
    pub async fn would_sweep(&self, act: &Act, wanted: &Wanted, sweep: Sweep) -> Result<Swept, Error> {
        may(act, sweep)?;
        let mut swept = Swept::default();
        for filter in self.filters(wanted, sweep).await? {
            let room = most(sweep) - swept.runs;
            let found = self.ids(&filter, None, room + 1).await?.len();
            swept.runs += found.min(room);
            swept.more |= found > room;
        }
        Ok(swept)
    }

    /// Changes all that a filter finds and the change makes sense for, the newest first.
    pub async fn sweep(&self, act: &Act, wanted: &Wanted, sweep: Sweep) -> Result<Swept, Error> {
        may(act, sweep)?;
        // What is started over by this very call is not to be found by it.
        let newest = (sweep == Sweep::Rerun).then(|| RunId(act.world.id()));
        let mut swept = Swept::default();
        for filter in self.filters(wanted, sweep).await? {
            let mut before = newest;
            loop {
                let room = most(sweep) - (swept.runs + swept.left);
                let ids = self.ids(&filter, before, AT_ONCE.min(room)).await?;
                let Some(last) = ids.last().copied() else {
                    swept.more |= room == 0 && !self.ids(&filter, before, 1).await?.is_empty();
                    break;
                };
                let changed = self.change_some(act, sweep, &ids).await?;
                swept.runs += changed;
                swept.left += ids.len() - changed;
                before = Some(last);
            }
        }
        self.bell.ring();
        Ok(swept)
    }

    async fn change_some(&self, act: &Act, sweep: Sweep, ids: &[RunId]) -> Result<usize, Error> {
        if sweep == Sweep::Rerun {
            let mut started = 0;
            for id in ids {
                match self.rerun(act, *id).await {
                    Ok(_) => started += 1,
                    // Its input does not fit any more, or somebody else was faster.
                    Err(Error::Fault(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            return Ok(started);
        }
        if sweep == Sweep::Retry {
            return self.retry_some(act, ids).await;
        }
        let mut tx = self.db.begin().await?;
        let changed = change::cancel(&mut tx, act, ids).await?.len();
        tx.commit().await?;
        self.cancel_orphans(act, ids).await?;
        Ok(changed)
    }

    async fn retry_some(&self, act: &Act, ids: &[RunId]) -> Result<usize, Error> {
        match self.retry_all(act, ids).await {
            // Of some there is to be one at a time, and there is one: their neighbours go on without them.
            Err(error) if is_taken(&error) && ids.len() > 1 => {
                let mut changed = 0;
                for id in ids {
                    match self.retry_all(act, &[*id]).await {
                        Ok(one) => changed += one,
                        Err(error) if is_taken(&error) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(changed)
            }
            Err(error) if is_taken(&error) => Ok(0),
            changed => changed,
        }
    }

    async fn retry_all(&self, act: &Act, ids: &[RunId]) -> Result<usize, Error> {
        let mut tx = self.db.begin().await?;
        let mut ended = store::hold_runs(&mut tx, ids).await?;
        ended.retain(|run| Sweep::Retry.takes(run.state));
        change::retry(&mut tx, act, &ended, change::FROM_WHERE_IT_WAS).await?;
        tx.commit().await?;
        Ok(ended.len())
    }

    /// What somebody wants, once for each state the sweep makes sense for.
    async fn filters(&self, wanted: &Wanted, sweep: Sweep) -> Result<Vec<RunFilter>, Error> {
        let Some(filter) = self.filter(wanted).await? else { return Ok(Vec::new()) };
        let asked_for =
            |state: &RunState| sweep.takes(*state) && wanted.state.is_none_or(|wanted| wanted == *state);
        let states = RunState::ALL.iter().copied().filter(asked_for);
        Ok(states.map(|state| RunFilter { state: Some(state), ..filter.clone() }).collect())
    }

    async fn ids(
        &self,
        filter: &RunFilter,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RunId>, Error> {
        Ok(store::ids(&self.db, filter, before, i64::try_from(limit).unwrap_or(i64::MAX)).await?)
    }
}

fn is_taken(error: &Error) -> bool {
    matches!(error, Error::Database(error) if error.is_taken())
}

fn may(act: &Act, sweep: Sweep) -> Result<(), Error> {
    Ok(act.need(if sweep == Sweep::Rerun { Permission::StartRuns } else { Permission::ManageRuns })?)
}

const fn most(sweep: Sweep) -> usize {
    match sweep {
        Sweep::Rerun => MOST_STARTED_OVER,
        Sweep::Cancel | Sweep::Retry => MOST,
    }
}

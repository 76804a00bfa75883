//! The same for many runs at once: all that a filter finds, some hundreds to a transaction.

use domain::ids::RunId;
use domain::people::Permission;
use domain::run::{DeadReason, RunState, Sweep};

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
        for state in states(wanted, sweep) {
            let room = most(sweep) - swept.runs;
            let found = self.ids(wanted, state, None, room + 1).await?.len();
            swept.runs += found.min(room);
            swept.more |= found > room;
        }
        Ok(swept)
    }

    /// Changes all that a filter finds and the change makes sense for, the newest first.
    pub async fn sweep(&self, act: &Act, wanted: &Wanted, sweep: Sweep) -> Result<Swept, Error> {
        may(act, sweep)?;
        let mut swept = Swept::default();
        for state in states(wanted, sweep) {
            let mut before = None;
            loop {
                let room = most(sweep) - (swept.runs + swept.left);
                let ids = self.ids(wanted, state, before, AT_ONCE.min(room)).await?;
                let Some(last) = ids.last().copied() else {
                    swept.more |= room == 0 && !self.ids(wanted, state, before, 1).await?.is_empty();
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
        let mut tx = self.db.begin().await?;
        let changed = if sweep == Sweep::Cancel {
            change::cancel(&mut tx, act, ids).await?.len()
        } else {
            let mut ended = store::hold_runs(&mut tx, ids).await?;
            ended.retain(|run| sweep.takes().contains(&run.state));
            change::retry(&mut tx, act, &ended, "Tried again from where it had come to.").await?;
            ended.len()
        };
        tx.commit().await?;
        Ok(changed)
    }

    async fn ids(
        &self,
        wanted: &Wanted,
        state: RunState,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RunId>, Error> {
        let Some(filter) = self.filter(wanted).await? else { return Ok(Vec::new()) };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        if let Some(reason) = wanted.reason {
            return self.dead_ids(&filter, reason, before, limit).await;
        }
        Ok(store::ids(&self.db, &RunFilter { state: Some(state), ..filter }, before, limit).await?)
    }

    async fn dead_ids(
        &self,
        filter: &RunFilter,
        reason: DeadReason,
        before: Option<RunId>,
        limit: i64,
    ) -> Result<Vec<RunId>, Error> {
        let letters = store::dead_letters(&self.db, filter.workflow, Some(reason), before, limit).await?;
        Ok(letters.into_iter().map(|letter| letter.run_id).collect())
    }
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

/// Those a filter asks for and the sweep makes sense for. Dead letters have failed, all of them.
fn states(wanted: &Wanted, sweep: Sweep) -> Vec<RunState> {
    let fits = |state: &RunState| {
        wanted.state.is_none_or(|wanted| wanted == *state)
            && (wanted.reason.is_none() || *state == RunState::Failed)
    };
    sweep.takes().iter().copied().filter(fits).collect()
}

//! Time that has run out just after somebody was faster than it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::ids::{ErrandId, ReviewId};
use domain::run::RunState;

use super::{Entry, Waiting};
use crate::db::{DbError, Tx};
use crate::run::store::{self, Parked};
use crate::{errand, review};

/// What was to lapse and is open still. Nobody can end it any more: that takes the tasks, which are ours by now.
pub(super) struct StillOpen {
    reviews: HashSet<ReviewId>,
    errands: HashSet<ErrandId>,
}

impl StillOpen {
    pub(super) async fn of(tx: &mut Tx, all: &[Waiting]) -> Result<Self, DbError> {
        let reviews: Vec<_> = all.iter().flat_map(|waiting| waiting.entry.reviews.lapsed.clone()).collect();
        let errands: Vec<_> = all.iter().flat_map(|waiting| waiting.entry.errands.lapsed.clone()).collect();
        Ok(Self {
            reviews: review::open_among(tx, &reviews).await?.into_iter().collect(),
            errands: errand::open_among(tx, &errands).await?.into_iter().collect(),
        })
    }

    pub(super) fn all_of(&self, entry: &Entry) -> bool {
        entry.reviews.lapsed.iter().all(|(review, _)| self.reviews.contains(review))
            && entry.errands.lapsed.iter().all(|errand| self.errands.contains(errand))
    }
}

/// Somebody has decided, or brought something back, just before the time ran out, and was told so: whoever claims the run next goes by that.
pub(super) async fn look_again(tx: &mut Tx, overtaken: &[&Entry], at: DateTime<Utc>) -> Result<(), DbError> {
    let parked: Vec<_> = overtaken
        .iter()
        .map(|entry| Parked { run_id: entry.lease.run_id, until: at, crashes: entry.crashes, signals: 0 })
        .collect();
    store::park(tx, &parked, at).await?;
    let runs: Vec<_> = parked.iter().map(|parked| parked.run_id).collect();
    store::put_back(tx, &runs, RunState::Pending).await
}

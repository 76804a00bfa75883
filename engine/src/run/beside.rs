//! What reviews and errands need of the runs they stand beside.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::ids::RunId;
use tokio::sync::futures::Notified;

use super::look::no_such_run;
use super::store::{self, Event};
use super::tally::Tally;
use super::{Run, Runs, change};
use crate::Error;
use crate::act::Act;
use crate::db::Tx;
use crate::review::Review;
use crate::workflow::Prepared;

impl Runs {
    /// A run, and what its version says is done with it.
    pub(crate) async fn known(&self, id: RunId) -> Result<(Run, Arc<Prepared>), Error> {
        let run = store::whole_run(&self.db, id).await?.ok_or_else(no_such_run)?;
        let prepared = self.library.version(run.workflow_id, run.version).await?;
        Ok((run, prepared))
    }

    /// Holds the task of a run, which is due from now on.
    pub(crate) async fn wake(&self, tx: &mut Tx, run: RunId, at: DateTime<Utc>) -> Result<(), Error> {
        change::wake(tx, run, at).await.map(drop)
    }

    /// Writes into the history of a run what a person has done for it.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        act: &Act,
        run_id: RunId,
        kind: &str,
        detail: &str,
    ) -> Result<(), Error> {
        let event = Event {
            run_id,
            id: act.world.id(),
            at: act.at,
            kind: kind.to_owned(),
            actor_name: act.author().1,
            detail: detail.to_owned(),
        };
        Ok(store::insert_events(tx, &[event]).await?)
    }

    pub(crate) async fn count_decision(
        &self,
        tx: &mut Tx,
        review: &Review,
        overridden: bool,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let mut tally = Tally::default();
        tally.decision(review.workflow_id, &review.step, overridden, at);
        Ok(tally.write(tx, "people").await?)
    }

    /// Returns when errands are offered from now on.
    pub(crate) fn errands_offered(&self) -> Notified<'_> {
        self.bell.hear_of_errands()
    }

    /// There are messages to be delivered.
    pub(crate) fn messages_written(&self) {
        self.bell.messages_written();
    }

    /// Something is due, for whoever works.
    pub(crate) fn ring(&self) {
        self.bell.ring();
    }
}

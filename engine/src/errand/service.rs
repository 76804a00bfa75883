//! What programs do with errands. Whoever ends one takes the task of its run first, as the workers do, so that nobody waits
//! in a circle and whoever has the task decides alone whether it came in time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Fault;
use domain::errand::ErrandState;
use domain::ids::ErrandId;
use domain::people::Permission;
use domain::run::Mishap;
use domain::workflow::QueueName;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::store::{self, Ask, Ending, Errand, Taken};
use crate::Error;
use crate::act::Act;
use crate::db::Db;
use crate::run::{Runs, readable};

/// How often whoever waits looks without having been told of anything.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The use cases of the programs that do errands.
#[derive(Clone)]
pub struct Errands {
    db: Db,
    runs: Runs,
    /// Asks those who wait to go.
    closing: CancellationToken,
}

/// What a program asks for.
#[derive(Clone, Debug)]
pub struct Claim {
    pub queue: QueueName,
    /// What it calls itself.
    pub worker: String,
    pub limit: usize,
    /// How long it may be silent.
    pub lease: Duration,
    /// How long it would wait if there is nothing.
    pub wait: Duration,
}

/// What a program brings back.
#[derive(Clone, Debug)]
pub enum Back {
    Done { output: Value, confidence: Option<f64> },
    Failed { error: String, mishap: Mishap },
}

impl Errands {
    pub fn new(db: Db, runs: Runs) -> Self {
        Self { db, runs, closing: CancellationToken::new() }
    }

    /// Those who wait are answered now, so that the server can stop.
    pub fn stop_waiting(&self) {
        self.closing.cancel();
    }

    /// Takes what is offered, or waits for it.
    pub async fn claim(&self, act: &Act, claim: &Claim) -> Result<Vec<Taken>, Error> {
        act.need(Permission::DoErrands)?;
        let until = Instant::now() + claim.wait;
        loop {
            // From before looking: what is offered meanwhile is heard.
            let mut told = std::pin::pin!(self.runs.errands_offered());
            told.as_mut().enable();
            if store::is_any_offered(&self.db, &claim.queue, act.world.now()).await? {
                let taken = self.take(act, claim).await?;
                if !taken.is_empty() {
                    return Ok(taken);
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.closing.is_cancelled() {
                return Ok(Vec::new());
            }
            tokio::select! {
                () = told => {}
                () = sleep(left.min(LOOK_EVERY)) => {}
                () = self.closing.cancelled() => {}
            }
        }
    }

    async fn take(&self, act: &Act, claim: &Claim) -> Result<Vec<Taken>, Error> {
        let mut tx = self.db.begin().await?;
        let at = tx.clock(&act.world).await?;
        let ask = Ask {
            queue: &claim.queue,
            worker: &claim.worker,
            at,
            lease_until: at + claim.lease,
            limit: i64::try_from(claim.limit).unwrap_or(i64::MAX),
        };
        let taken = store::take(&mut tx, ask).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Says that whoever has it is still there. Answers until when they need not say so again.
    pub async fn heartbeat(
        &self,
        act: &Act,
        id: ErrandId,
        epoch: i64,
        lease: Duration,
    ) -> Result<DateTime<Utc>, Error> {
        act.need(Permission::DoErrands)?;
        let mut tx = self.db.begin().await?;
        let until = tx.clock(&act.world).await? + lease;
        let held = store::extend(&mut tx, id, epoch, until).await?;
        tx.commit().await?;
        if held { Ok(until) } else { Err(stale(self.known(id).await?.state).into()) }
    }

    /// Brings back what came of it; the run goes on with that. The same again changes nothing.
    pub async fn bring_back(&self, act: &Act, id: ErrandId, epoch: i64, back: Back) -> Result<(), Error> {
        act.need(Permission::DoErrands)?;
        let errand = self.known(id).await?;
        self.fits(&errand, &back).await?;
        let ending = match back {
            Back::Done { output, confidence } => Ending {
                state: ErrandState::Done,
                output: Some(output.to_string()),
                confidence,
                error: None,
                mishap: None,
            },
            Back::Failed { error, mishap } => Ending {
                state: ErrandState::Failed,
                output: None,
                confidence: None,
                error: Some(readable(&error)),
                mishap: Some(mishap),
            },
        };
        let mut tx = self.db.begin().await?;
        let at = tx.clock(&act.world).await?;
        self.runs.wake(&mut tx, errand.run_id, at).await?;
        if store::end(&mut tx, (id, errand.run_id), epoch, &ending, at).await? {
            tx.commit().await?;
            self.runs.ring();
            return Ok(());
        }
        drop(tx);
        let now = self.known(id).await?;
        let same = now.lease_epoch == epoch && now.state == ending.state && now.output == ending.output;
        if same { Ok(()) } else { Err(stale(now.state).into()) }
    }

    async fn known(&self, id: ErrandId) -> Result<Errand, Error> {
        let errand = store::errand(&self.db, id).await?;
        Ok(errand.ok_or_else(|| Fault::not_found("There is no such errand."))?)
    }

    /// What does not fit is refused while the program still has it, and can put it right.
    async fn fits(&self, errand: &Errand, back: &Back) -> Result<(), Error> {
        let Back::Done { output, confidence } = back else { return Ok(()) };
        if confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
            return Err(Fault::field("confidence", "This is a number from 0 to 1.").into());
        }
        let (_, prepared) = self.runs.known(errand.run_id).await?;
        let faults = prepared.worker(&errand.step).map(|worker| worker.faults_of(output)).unwrap_or_default();
        if faults.is_empty() {
            return Ok(());
        }
        Err(Fault::misfit("output", faults, "The output does not fit its schema.").into())
    }
}

/// Says in words why a program has it no more.
fn stale(state: ErrandState) -> Fault {
    Fault::conflict(match state {
        ErrandState::Offered | ErrandState::Taken => {
            "You were not heard of in time; it was offered to others. Drop what you have."
        }
        ErrandState::Done | ErrandState::Failed => "It was brought back already.",
        ErrandState::Lapsed => "The time for it has run out. Drop what you have.",
        ErrandState::Withdrawn => "It is not needed any more: its run was ended. Drop what you have.",
    })
}

//! What a worker does: claims what is due, as much as it has room for, and keeps its leases as long as it works on them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::run::RunState;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Runs;
use super::clock::Clock;
use super::drive::{Drive, Tools};
use super::leases::Leases;
use super::ledger::{Entry, Ledger, Then, Unwritten};
use super::pause::Paused;
use super::pool::PoolOptions;
use super::store::{self, Begun, Claim, Claimed, DeadLetter, Lease, Worker};
use super::way::{Before, readable};
use crate::Error;
use crate::db::DbError;
use crate::gate::Gate;
use crate::job::Jobs;
use crate::outbound::Outbound;
use crate::schedule;
use crate::webhook::Courier;
use crate::world::World;

/// How many runs are claimed at once at most.
const MOST_CLAIMED: usize = 256;

/// How often to look for work without having been told of any.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long to let places become free while others are still taken: claiming many at once costs no more than one.
const GATHER: Duration = Duration::from_millis(2);

/// How often to look whether schedules have changed.
const SCHEDULES_ANEW: Duration = Duration::from_secs(2);

/// How long to wait before asking a database again that could not answer.
pub const AFTER_TROUBLE: Duration = Duration::from_millis(500);

/// What the loops of a worker share.
pub struct Shared {
    pub runs: Runs,
    pub tools: Tools,
    options: PoolOptions,
    started_at: DateTime<Utc>,
    pub leases: Leases,
    taken: AtomicUsize,
    /// Somebody has given a place back.
    pub freed: Notify,
    pub drives: TaskTracker,
    /// Brings what runs tell others.
    pub courier: Courier,
}

/// What there was to claim.
pub enum Found {
    /// As much as was asked for; there may be more.
    More,
    NoMore,
    /// There was no room to claim anything.
    Full,
}

impl Shared {
    pub fn new(runs: &Runs, world: &World, outbound: Outbound, options: PoolOptions) -> Self {
        let clock = Clock::new(world.clone());
        let drives = TaskTracker::new();
        let tools = Tools {
            ledger: Ledger::open(runs.db.clone(), world.clone(), options.name.clone()),
            world: world.clone(),
            clock: clock.clone(),
            bell: runs.bell.clone(),
            jobs: Jobs::new(runs.db.clone(), world.clone(), outbound.post().cloned()),
            outbound,
            runs: runs.clone(),
            paused: Paused::default(),
            gate: Gate::new(runs.db.clone(), world.clone(), clock),
            // Whoever waits for the drives waits for them, too.
            listening: drives.clone(),
            worker: options.name.as_str().into(),
            stopping: CancellationToken::new(),
            leaving: CancellationToken::new(),
        };
        let courier = Courier::new(
            runs.db.clone(),
            world.clone(),
            tools.clock.clone(),
            tools.outbound.clone(),
            tools.gate.clone(),
        );
        Self {
            courier,
            runs: runs.clone(),
            tools,
            options,
            started_at: world.now(),
            leases: Leases::default(),
            taken: AtomicUsize::new(0),
            freed: Notify::new(),
            drives,
        }
    }

    pub const fn lease(&self) -> Duration {
        self.options.lease
    }

    pub async fn claim(self: &Arc<Self>) -> Result<Found, Error> {
        let mut room = self.room();
        if room == 0 {
            return Ok(Found::Full);
        }
        // Places become free one by one; to claim each by itself would cost a transaction each.
        if room < self.options.slots.div_ceil(4) {
            sleep(GATHER).await;
            room = self.room();
        }
        // Before the claim: what is paused from now on is found out by the next.
        self.tools.paused.look(&self.runs.db).await;
        let since = Instant::now();
        let mut tx = self.runs.db.begin().await?;
        let at = tx.clock(&self.tools.world).await?;
        self.tools.clock.set(at);
        let until = at + span(self.options.lease);
        let claim = Claim { worker: &self.options.name, at, until, limit: room };
        let claimed = store::claim(&mut tx, claim).await?;
        if claimed.is_empty() {
            return Ok(Found::NoMore);
        }
        let ids: Vec<_> = claimed.iter().map(|claimed| claimed.run_id).collect();
        let begun = store::begin(&mut tx, &ids, at).await?;
        let of = |which: fn(&Claimed) -> bool| -> Vec<_> {
            claimed.iter().filter(|claimed| which(claimed)).map(|claimed| claimed.run_id).collect()
        };
        let (again, signalled) = (of(|claimed| claimed.lease_epoch > 1), of(|claimed| claimed.signals > 0));
        let before = Before::of(&mut tx, &again, &signalled).await?;
        tx.commit().await?;
        let full = claimed.len() >= room;
        self.set_out(claimed, begun, before, since);
        Ok(if full { Found::More } else { Found::NoMore })
    }

    fn set_out(self: &Arc<Self>, claimed: Vec<Claimed>, begun: Vec<Begun>, before: Before, since: Instant) {
        let mut begun: HashMap<_, _> = begun.into_iter().map(|begun| (begun.id, begun)).collect();
        let mut histories = before.by_run();
        for claimed in claimed {
            let run = claimed.run_id;
            let Some(begun) = begun.remove(&run) else {
                tracing::error!(%run, "there is a task for a run that is not there");
                continue;
            };
            let history = histories.remove(&run).unwrap_or_default();
            let lapsed = self.leases.take(claimed.lease(), self.sure_until(since));
            self.taken.fetch_add(1, Ordering::AcqRel);
            let shared = Arc::clone(self);
            self.drives.spawn(async move {
                // Given back however the drive ends, a panic included: the lease then runs out, and counts as a crash.
                let _place = Place { shared: Arc::clone(&shared), lease: claimed.lease() };
                tokio::select! {
                    () = shared.drive(&claimed, begun, history) => {}
                    () = lapsed.cancelled() => tracing::warn!(%run, "a run is not ours any more; leaving it"),
                }
            });
        }
    }

    async fn drive(&self, claimed: &Claimed, begun: Begun, before: Before) {
        if self.tools.paused.has(begun.workflow_id) {
            let until = Paused::until(self.tools.clock.now(), &self.tools.world);
            return self.leave(claimed, &begun, until).await;
        }
        let prepared = self.runs.library.version(begun.workflow_id, begun.version).await;
        let drive =
            prepared.and_then(|prepared| Drive::new(self.tools.clone(), claimed, &begun, &before, prepared));
        match drive {
            Ok(drive) => drive.go().await,
            Err(error) => self.turn_back(claimed, &begun, error).await,
        }
    }

    /// A run could not even be looked at. That is no fault of a worker, and so no crash.
    async fn turn_back(&self, claimed: &Claimed, begun: &Begun, error: Error) {
        let now = self.tools.clock.now();
        if let Error::Database(error) = error {
            tracing::warn!(run = %claimed.run_id, %error, "a run cannot be read at the moment; it is tried again");
            self.leave(claimed, begun, now + span(AFTER_TROUBLE)).await;
        } else {
            let error = readable(&format!("What is kept of the run cannot be read: {error}"));
            let letter = DeadLetter::between_steps(claimed.run_id, begun.workflow_id, error, now);
            self.hand_back(claimed, begun, Then::given_up(letter)).await;
        }
    }

    /// Leaves a run as it is until then.
    async fn leave(&self, claimed: &Claimed, begun: &Begun, until: DateTime<Utc>) {
        let then = Then::Later { until, signals: claimed.signals, state: RunState::Pending };
        self.hand_back(claimed, begun, then).await;
    }

    async fn hand_back(&self, claimed: &Claimed, begun: &Begun, then: Then) {
        let entry = Entry::new(claimed.lease(), begun.workflow_id, begun.created_at, then);
        let entry = Entry { crashes: claimed.crashes, parent: begun.parent_id, ..entry };
        if let Err(Unwritten::Unwritable(error)) = self.tools.ledger.write(entry.last()).await {
            tracing::error!(run = %claimed.run_id, error, "a run can be neither gone on with nor given back");
        }
    }

    fn room(&self) -> usize {
        self.options.slots.saturating_sub(self.taken.load(Ordering::Acquire)).min(MOST_CLAIMED)
    }

    /// Returns when there may be something to claim: somebody has rung, or something is due.
    pub async fn until_due(&self) {
        loop {
            let wait = match store::next_due(&self.runs.db).await {
                Ok(Some(due)) => self.tools.clock.until(due),
                Ok(None) => LOOK_EVERY,
                Err(error) => {
                    tracing::warn!(%error, "it cannot be seen when there is work again");
                    AFTER_TROUBLE
                }
            };
            tokio::select! {
                () = self.runs.bell.heard() => return,
                // What is due and yet was not there to claim is being claimed by somebody else.
                () = sleep(wait.clamp(GATHER, LOOK_EVERY)) => if wait < LOOK_EVERY { return },
            }
        }
    }

    /// How long until something is due by its schedule, but no longer than until somebody may have changed that.
    pub async fn until_scheduled(&self) -> Duration {
        match schedule::next_due(&self.runs.db).await {
            Ok(due) => due.map_or(SCHEDULES_ANEW, |due| self.tools.clock.until(due)).min(SCHEDULES_ANEW),
            Err(error) => {
                tracing::warn!(%error, "it cannot be seen what is due by its schedule");
                AFTER_TROUBLE
            }
        }
    }

    pub async fn beat(&self) -> Result<(), DbError> {
        let since = Instant::now();
        // Most runs end long before; what was claimed just now needs no renewal.
        let old = self.leases.to_renew(since + self.options.lease / 2);
        let mut tx = self.runs.db.begin().await?;
        let at = tx.clock(&self.tools.world).await?;
        self.tools.clock.set(at);
        let until = at + span(self.options.lease);
        let me = Worker {
            id: self.options.name.clone(),
            slots: i64::try_from(self.options.slots).unwrap_or(i64::MAX),
            started_at: self.started_at,
            seen_at: at,
            silent_after: until,
        };
        store::note_worker(&mut tx, &me).await?;
        store::forget_workers(&mut tx, at - span(self.options.lease) * 4).await?;
        let held = store::extend(&mut tx, &old, until).await?;
        tx.commit().await?;
        self.leases.renewed(&old, &held, self.sure_until(since));
        Ok(())
    }

    /// How long a lease that was asked for then surely holds, whatever the clocks say: two thirds of it.
    fn sure_until(&self, since: Instant) -> Instant {
        since + self.options.lease * 2 / 3
    }

    /// Returns when it was asked to stop and nothing is under way any more.
    pub async fn finished(&self) {
        self.tools.stopping.cancelled().await;
        self.drives.wait().await;
    }

    pub async fn sign_off(&self) -> Result<(), DbError> {
        let mut tx = self.runs.db.begin().await?;
        store::leave(&mut tx, &self.options.name).await?;
        tx.commit().await
    }
}

fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// A run's place at the worker, free again when this is dropped.
struct Place {
    shared: Arc<Shared>,
    lease: Lease,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.leases.give_back(self.lease);
        self.shared.taken.fetch_sub(1, Ordering::AcqRel);
        self.shared.freed.notify_one();
    }
}

//! A worker: claims what is due, as much as it has room for, and keeps its leases as long as it works on them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::RunId;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Runs;
use super::drive::{Drive, Tools};
use super::ledger::Ledger;
use super::recover::recover;
use super::store::{self, Begun, Claim, Claimed, Worker};
use super::way::Before;
use crate::Error;
use crate::db::DbError;
use crate::outbound::Outbound;
use crate::world::World;

/// How many runs are claimed at once at most.
const MOST_CLAIMED: usize = 256;

/// How often to look for work without having been told of any.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long to let places become free while others are still taken: claiming many at once costs no more than one.
const GATHER: Duration = Duration::from_millis(2);

/// How long to wait before asking a database again that could not answer.
const AFTER_TROUBLE: Duration = Duration::from_millis(500);

/// How long it may take to give runs back whose steps were dropped.
const LEAVING_TAKES: Duration = Duration::from_secs(2);

/// How a worker works.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// What it is called in traces, different from all others.
    pub name: String,
    /// How many runs it works on at once.
    pub slots: usize,
    /// How long it may be silent before others take over what it works on.
    pub lease: Duration,
}

/// A worker that is working. It stops when it is told to; what it leaves goes on elsewhere.
pub struct Pool {
    shared: Arc<Shared>,
    loops: TaskTracker,
}

struct Shared {
    runs: Runs,
    tools: Tools,
    options: PoolOptions,
    started_at: DateTime<Utc>,
    /// What is being worked on, and until when it surely may be.
    leases: Mutex<HashMap<RunId, Leased>>,
    taken: AtomicUsize,
    /// Somebody has given a place back.
    freed: Notify,
    drives: TaskTracker,
}

struct Leased {
    epoch: i64,
    /// By our own clock that never jumps: two thirds of the lease. Then others may soon take over, and we stop.
    sure_until: Instant,
    lapsed: CancellationToken,
}

impl Pool {
    pub fn start(runs: &Runs, world: &World, outbound: Outbound, options: PoolOptions) -> Self {
        let tools = Tools {
            ledger: Ledger::open(runs.db.clone(), world.clone()),
            world: world.clone(),
            outbound,
            worker: options.name.as_str().into(),
            stopping: CancellationToken::new(),
            leaving: CancellationToken::new(),
        };
        let shared = Arc::new(Shared {
            runs: runs.clone(),
            tools,
            options,
            started_at: world.now(),
            leases: Mutex::default(),
            taken: AtomicUsize::new(0),
            freed: Notify::new(),
            drives: TaskTracker::new(),
        });
        let loops = TaskTracker::new();
        loops.spawn(claiming(Arc::clone(&shared)));
        loops.spawn(beating(Arc::clone(&shared)));
        loops.spawn(recovering(Arc::clone(&shared)));
        loops.spawn(listening(Arc::clone(&shared)));
        loops.close();
        Self { shared, loops }
    }

    /// Leaves every run at its next checkpoint, for others to go on with. Steps that take longer than this are dropped,
    /// to be begun again; answers whether there were none.
    pub async fn stop(self, within: Duration) -> bool {
        let Self { shared, loops } = self;
        shared.tools.stopping.cancel();
        shared.drives.close();
        let all = async {
            loops.wait().await;
            shared.drives.wait().await;
        };
        let mut all = std::pin::pin!(all);
        let in_time = timeout(within, &mut all).await.is_ok();
        if !in_time {
            shared.tools.leaving.cancel();
            if timeout(LEAVING_TAKES, all).await.is_err() {
                tracing::warn!(
                    "some runs could not be given back; others find them when their leases have run out"
                );
            }
        }
        if let Err(error) = shared.sign_off().await {
            tracing::warn!(%error, "a worker could not sign off");
        }
        in_time
    }
}

/// Claims until it is told to stop.
async fn claiming(shared: Arc<Shared>) {
    let stopping = shared.tools.stopping.clone();
    while !stopping.is_cancelled() {
        let rest = async {
            match shared.claim().await {
                Ok(Found::More) => {}
                Ok(Found::Full) => shared.freed.notified().await,
                Ok(Found::NoMore) => shared.until_due().await,
                Err(error) => {
                    tracing::warn!(%error, "no work can be claimed; trying again");
                    sleep(AFTER_TROUBLE).await;
                }
            }
        };
        tokio::select! {
            () = rest => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Says that it is still there, for itself and for each of its leases.
async fn beating(shared: Arc<Shared>) {
    let mut every = interval(shared.options.lease / 6);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            // While runs are still on their way to a checkpoint, their leases are kept.
            () = shared.finished() => return,
        }
        if let Err(error) = shared.beat().await {
            tracing::warn!(%error, "leases could not be renewed; trying again");
        }
        shared.drop_lapsed();
    }
}

async fn recovering(shared: Arc<Shared>) {
    let mut every = interval(shared.options.lease / 3);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = shared.tools.stopping.cancelled() => return,
        }
        match recover(&shared.runs.db, &shared.tools.world).await {
            Ok(0) => {}
            Ok(_) => shared.runs.bell.ring(),
            Err(error) => tracing::warn!(%error, "lost runs cannot be looked for; trying again"),
        }
    }
}

async fn listening(shared: Arc<Shared>) {
    tokio::select! {
        () = shared.runs.bell.listen() => {}
        () = shared.tools.stopping.cancelled() => {}
    }
}

/// What there was to claim.
enum Found {
    /// As much as was asked for; there may be more.
    More,
    NoMore,
    /// There was no room to claim anything.
    Full,
}

impl Shared {
    async fn claim(self: &Arc<Self>) -> Result<Found, Error> {
        let mut room = self.room();
        if room == 0 {
            return Ok(Found::Full);
        }
        // Places become free one by one; to claim each by itself would cost a transaction each.
        if room < self.options.slots.div_ceil(4) {
            sleep(GATHER).await;
            room = self.room();
        }
        let since = Instant::now();
        let mut tx = self.runs.db.begin().await?;
        let at = tx.clock(&self.tools.world).await?;
        let claim = Claim { worker: &self.options.name, at, until: at + self.lease(), limit: room };
        let claimed = store::claim(&mut tx, claim).await?;
        if claimed.is_empty() {
            return Ok(Found::NoMore);
        }
        let ids: Vec<_> = claimed.iter().map(|claimed| claimed.run_id).collect();
        let begun = store::begin(&mut tx, &ids, at).await?;
        let before: Vec<_> =
            claimed.iter().filter(|claimed| claimed.lease_epoch > 1).map(|claimed| claimed.run_id).collect();
        let signalled: Vec<_> =
            claimed.iter().filter(|claimed| claimed.signals > 0).map(|claimed| claimed.run_id).collect();
        let before = Before {
            attempts: store::history_of(&mut tx, &before).await?,
            waits: store::waits_of(&mut tx, &before).await?,
            signals: store::signals_of(&mut tx, &signalled).await?,
        };
        tx.commit().await?;
        let full = claimed.len() == room;
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
            let lapsed = CancellationToken::new();
            let leased = Leased {
                epoch: claimed.lease_epoch,
                sure_until: since + self.options.lease * 2 / 3,
                lapsed: lapsed.clone(),
            };
            self.leases().insert(run, leased);
            self.taken.fetch_add(1, Ordering::AcqRel);
            let shared = Arc::clone(self);
            self.drives.spawn(async move {
                // Given back however the drive ends, a panic included: the lease then runs out, and counts as a crash.
                let _place = Place { shared: Arc::clone(&shared), run, epoch: claimed.lease_epoch };
                tokio::select! {
                    () = shared.drive(&claimed, begun, history) => {}
                    () = lapsed.cancelled() => {
                        tracing::warn!(%run, "the lease of a run was lost; somebody else goes on with it");
                    }
                }
            });
        }
    }

    async fn drive(&self, claimed: &Claimed, begun: Begun, before: Before) {
        let prepared = self.runs.library.version(begun.workflow_id, begun.version).await;
        let drive =
            prepared.and_then(|prepared| Drive::new(self.tools.clone(), claimed, &begun, &before, prepared));
        match drive {
            Ok(drive) => drive.go().await,
            // The lease runs out, and with the third time the run is given up.
            Err(error) => tracing::error!(run = %claimed.run_id, %error, "a run cannot be gone on with"),
        }
    }

    fn room(&self) -> usize {
        self.options.slots.saturating_sub(self.taken.load(Ordering::Acquire)).min(MOST_CLAIMED)
    }

    /// Returns when there may be something to claim: somebody has rung, or something is due.
    async fn until_due(&self) {
        loop {
            let wait = match store::next_due(&self.runs.db).await {
                Ok(Some(due)) => (due - self.tools.world.now()).to_std().unwrap_or_default(),
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

    async fn beat(&self) -> Result<(), DbError> {
        let since = Instant::now();
        // Most runs end long before; what was claimed just now needs no renewal.
        let fresh = since + self.options.lease / 2;
        let old: Vec<_> = self
            .leases()
            .iter()
            .filter(|(_, leased)| leased.sure_until < fresh)
            .map(|(run, leased)| (*run, leased.epoch))
            .collect();
        let mut tx = self.runs.db.begin().await?;
        let at = tx.clock(&self.tools.world).await?;
        let me = Worker {
            id: self.options.name.clone(),
            slots: i64::try_from(self.options.slots).unwrap_or(i64::MAX),
            started_at: self.started_at,
            seen_at: at,
        };
        store::note_worker(&mut tx, &me).await?;
        store::forget_workers(&mut tx, at - self.lease() * 4).await?;
        let held = store::extend(&mut tx, &old, at + self.lease()).await?;
        tx.commit().await?;
        let mut leases = self.leases();
        for (run, epoch) in old {
            let Some(mine) = leases.get_mut(&run).filter(|mine| mine.epoch == epoch) else { continue };
            if held.contains(&run) {
                mine.sure_until = since + self.options.lease * 2 / 3;
            } else {
                mine.lapsed.cancel();
            }
        }
        Ok(())
    }

    /// Stops what could not be renewed in time.
    fn drop_lapsed(&self) {
        let now = Instant::now();
        for leased in self.leases().values().filter(|leased| leased.sure_until <= now) {
            leased.lapsed.cancel();
        }
    }

    async fn finished(&self) {
        self.tools.stopping.cancelled().await;
        self.drives.wait().await;
    }

    async fn sign_off(&self) -> Result<(), DbError> {
        let mut tx = self.runs.db.begin().await?;
        store::leave(&mut tx, &self.options.name).await?;
        tx.commit().await
    }

    fn lease(&self) -> TimeDelta {
        TimeDelta::from_std(self.options.lease).unwrap_or(TimeDelta::MAX)
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<RunId, Leased>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run's place at the worker, free again when this is dropped.
struct Place {
    shared: Arc<Shared>,
    run: RunId,
    epoch: i64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut leases = self.shared.leases();
        // A later claim of the same run by the same worker has a lease of its own.
        if leases.get(&self.run).is_some_and(|leased| leased.epoch == self.epoch) {
            leases.remove(&self.run);
        }
        drop(leases);
        self.shared.taken.fetch_sub(1, Ordering::AcqRel);
        self.shared.freed.notify_one();
    }
}

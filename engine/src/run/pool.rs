//! A worker from its start to its stop: what it does over and over.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::task::TaskTracker;

use super::Runs;
use super::demand::{Chore, Demand};
use super::recover::{recover, recover_errands};
use super::worker::{AFTER_TROUBLE, Found, Shared};
use crate::outbound::Outbound;
use crate::world::World;

/// How long it may take to give runs back whose steps were dropped, and to sign off.
const LEAVING_TAKES: Duration = Duration::from_secs(2);

/// How often to look for messages without having been told of any; and how long to rest while there are more than hands.
const LOOK_FOR_MESSAGES: Duration = Duration::from_secs(1);
const SHORT_REST: Duration = Duration::from_millis(10);

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

impl Pool {
    pub fn start(runs: &Runs, world: &World, outbound: Outbound, options: PoolOptions) -> Self {
        let shared = Arc::new(Shared::new(runs, world, outbound, options));
        let loops = TaskTracker::new();
        loops.spawn(claiming(Arc::clone(&shared)));
        loops.spawn(beating(Arc::clone(&shared)));
        loops.spawn(recovering(Arc::clone(&shared)));
        loops.spawn(delivering(Arc::clone(&shared)));
        loops.spawn(scheduling(Arc::clone(&shared)));
        loops.spawn(wanting(Arc::clone(&shared), Chore::Consolidation));
        if shared.tools.outbound.post().is_some() {
            loops.spawn(wanting(Arc::clone(&shared), Chore::Mails));
        }
        loops.spawn(listening(Arc::clone(&shared)));
        loops.close();
        Self { shared, loops }
    }

    /// Nothing more is claimed or begun from now on.
    pub fn begin_to_stop(&self) {
        self.shared.tools.stopping.cancel();
    }

    /// Leaves every run at its next checkpoint, for others to go on with. Steps that take longer than this are dropped,
    /// to be begun again; answers whether there were none.
    pub async fn stop(self, within: Duration) -> bool {
        self.begin_to_stop();
        let Self { shared, loops } = self;
        let all = async {
            loops.wait().await;
            shared.drives.wait().await;
            shared.courier.under_way.wait().await;
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
        match timeout(LEAVING_TAKES, shared.sign_off()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a worker could not sign off"),
            Err(_) => tracing::warn!("a worker could not sign off in time"),
        }
        in_time
    }
}

/// Claims until it is told to stop.
async fn claiming(shared: Arc<Shared>) {
    let stopping = shared.tools.stopping.clone();
    while !stopping.is_cancelled() {
        // A claim that was begun is brought to its end: what it took would otherwise be nobody's until the lease runs out.
        let found = shared.claim().await;
        let rest = async {
            match found {
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
    shared.drives.close();
}

/// Says that it is still there, for itself and for each of its leases.
async fn beating(shared: Arc<Shared>) {
    let step = shared.lease() / 6;
    let mut every = interval(step);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            // While runs are still on their way to a checkpoint, their leases are kept.
            () = shared.finished() => return,
        }
        // A database that does not answer must not keep us from stopping in time.
        match timeout(step, shared.beat()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "leases could not be renewed; trying again"),
            Err(_) => tracing::warn!("the database took too long to renew leases; trying again"),
        }
        shared.leases.drop_lapsed(Instant::now());
    }
}

async fn recovering(shared: Arc<Shared>) {
    let mut every = interval(shared.lease() / 3);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = shared.tools.stopping.cancelled() => return,
        }
        match recover_errands(&shared.runs.db, &shared.tools.world).await {
            Ok(lost) => {
                if lost.offered_again > 0 {
                    shared.runs.bell.errands_offered();
                }
                if lost.given_up > 0 {
                    shared.runs.bell.ring();
                }
            }
            Err(error) => tracing::warn!(%error, "lost errands cannot be looked for; trying again"),
        }
        match recover(&shared.runs.db, &shared.tools.world).await {
            Ok(0) => {}
            Ok(_) => shared.runs.bell.ring(),
            Err(error) => tracing::warn!(%error, "lost runs cannot be looked for; trying again"),
        }
    }
}

/// Delivers what runs tell others, until it is told to stop.
async fn delivering(shared: Arc<Shared>) {
    let stopping = shared.tools.stopping.clone();
    while !stopping.is_cancelled() {
        let rest = match shared.courier.set_out().await {
            Ok(true) => SHORT_REST,
            Ok(false) => shared.courier.until_due(LOOK_FOR_MESSAGES).await.max(SHORT_REST),
            Err(error) => {
                tracing::warn!(%error, "no messages can be taken; trying again");
                AFTER_TROUBLE
            }
        };
        tokio::select! {
            () = sleep(rest) => {}
            () = shared.tools.bell.hear_of_messages() => {}
            () = stopping.cancelled() => {}
        }
    }
    shared.courier.under_way.close();
}

/// Starts what is due by its schedule, until it is told to stop.
async fn scheduling(shared: Arc<Shared>) {
    let stopping = shared.tools.stopping.clone();
    while !stopping.is_cancelled() {
        let now = shared.tools.clock.now();
        let rest = match shared.runs.start_due(&shared.tools.world, now).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => shared.until_scheduled().await,
            Err(error) => {
                tracing::warn!(%error, "what is due by its schedule cannot be started; trying again");
                AFTER_TROUBLE
            }
        };
        tokio::select! {
            () = sleep(rest) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Starts the consolidation of pay whenever it is wanted, until it is told to stop.
/// Starts what is wanted until it is told to stop.
async fn wanting(shared: Arc<Shared>, chore: Chore) {
    let stopping = shared.tools.stopping.clone();
    let mut demand = Demand::new(chore);
    while !stopping.is_cancelled() {
        let rest = match shared.runs.start_wanted(&shared.tools.world, &mut demand).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::warn!(%error, ?chore, "what is wanted cannot be started; trying again");
                AFTER_TROUBLE
            }
        };
        tokio::select! {
            () = sleep(rest) => {}
            () = stopping.cancelled() => {}
        }
    }
}

async fn listening(shared: Arc<Shared>) {
    tokio::select! {
        () = shared.runs.bell.listen() => {}
        () = shared.tools.stopping.cancelled() => {}
    }
}

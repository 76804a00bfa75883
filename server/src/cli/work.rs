//! Working on runs, inside a server or alone.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use engine::run::{Pool, PoolOptions};

use super::args::{Common, WorkOptions};
use super::serve::CLOSE_WITHIN;
use crate::House;
use crate::lifecycle::StopSignals;

/// Runs until it is asked to stop.
pub async fn run(common: &Common, options: &WorkOptions) -> anyhow::Result<ExitCode> {
    let mut stop = StopSignals::listen()?;
    let house = common.open().await?;
    let Some(pool) = start(&house, options) else {
        bail!("With --workers 0 there is nothing to do. Say how many runs to work on at once.");
    };
    println!(
        "Working on up to {} runs at once. Ctrl-C stops it; what it leaves, others go on with.",
        options.workers
    );
    stop.asked().await;
    let finished = finish(pool, Duration::from_secs(options.stop_within_s)).await;
    // Every checkpoint is on disk; a connection that cannot be closed at once is left to the system.
    if tokio::time::timeout(CLOSE_WITHIN, house.db.close()).await.is_err() {
        tracing::warn!("the database connections could not all be closed in time");
    }
    Ok(if finished { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// Begins to work, if that is wanted.
pub fn start(house: &House, options: &WorkOptions) -> Option<Pool> {
    (options.workers > 0).then(|| {
        let slots = usize::from(options.workers);
        let lease = Duration::from_secs(options.lease_s);
        let options = PoolOptions { name: name(house), slots, lease };
        Pool::start(&house.runs, &house.world, house.outbound.clone(), options)
    })
}

/// Brings what is under way to its next checkpoint, and leaves it there.
pub async fn finish(pool: Pool, within: Duration) -> bool {
    let finished = pool.stop(within).await;
    if !finished {
        tracing::warn!(
            "some steps took too long and were left; others begin them again once their leases have run out"
        );
    }
    finished
}

/// Told apart from every other, on this machine and elsewhere.
fn name(house: &House) -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("worker");
    let nonce = u16::from_be_bytes(house.world.bytes());
    format!("{host}-{}-{nonce:04x}", std::process::id())
}

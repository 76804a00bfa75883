//! Clocks that are wrong, clocks that jump, and workers that are silent for too long.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use chrono::TimeDelta;

use super::leases::{claim, claim_for};
use super::recover::recover;
use super::*;
use crate::testing::TestDb;

fn wrong_by(by: TimeDelta) -> World {
    World::Wrong(Arc::new(AtomicI64::new(by.num_microseconds().unwrap())))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_clock_is_wrong_takes_nothing_from_others() {
    // Where servers share a database, its clock goes for all of them.
    let fresh = TestDb::postgres().await;
    let right = Floor::new(&fresh.db, World::Real).await;
    let run = right.start("chain", json!({ "n": 1 })).await;
    assert_eq!(claim(&right, "right").await.len(), 1);
    for by in [TimeDelta::hours(1), TimeDelta::hours(-1)] {
        assert_eq!(
            recover(&fresh.db, &wrong_by(by)).await.unwrap(),
            0,
            "a lease that holds was taken, {by} off"
        );
    }
    let wrong = Floor { runs: Runs::new(fresh.db.clone()), world: wrong_by(TimeDelta::hours(-1)) };
    let other = wrong.start("chain", json!({ "n": 2 })).await;
    let pool = wrong.pool("wrong");
    let whole = wrong.ended(other).await;
    assert_eq!(whole.run.state, RunState::Success, "what it takes in is due by the clock of all");
    pool.stop(Duration::from_secs(5)).await;
    assert_eq!(right.whole(run).await.run.state, RunState::Running);
    fresh.drop_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_loses_nothing() {
    on_both(async |db| {
        let floor = Floor::new(&db, wrong_by(TimeDelta::zero())).await;
        // Put on by a day while somebody is at work: they are taken for lost, and another one goes on.
        let taken = floor.start("chain", json!({ "n": 1 })).await;
        claim_for(&floor, "lost", TimeDelta::milliseconds(200), 1).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
        floor.world.advance(TimeDelta::days(1));
        let pool = floor.pool_leasing("w", Duration::from_millis(600));
        assert_eq!(floor.ended(taken).await.run.state, RunState::Success);
        let before = floor.start("chain", json!({ "n": 2 })).await;
        assert_eq!(floor.ended(before).await.run.state, RunState::Success);
        // Put back by a day: what comes in from now on is due from now on.
        floor.world.advance(TimeDelta::days(-1));
        let after = floor.start("chain", json!({ "n": 3 })).await;
        assert_eq!(floor.ended(after).await.run.state, RunState::Success);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_silent_worker_had_is_found_again_without_anybody_asking() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let run = floor.start("chain", json!({ "n": 1 })).await;
        claim_for(&floor, "silent", TimeDelta::milliseconds(200), 1).await;
        let pool = floor.pool_leasing("w", Duration::from_millis(600));
        let whole = floor.ended(run).await;
        assert_eq!((whole.run.state, whole.run.lease_epoch), (RunState::Success, 2));
        assert!(whole.events.iter().any(|event| event.kind == "lost" && event.detail.contains("silent")));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_urgent_is_claimed_first() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let workflows = Workflows::new(db.clone());
        for (name, priority) in [("later", "low"), ("sooner", "high")] {
            let source = CHAIN.replace("name: chain", &format!("name: {name}\npriority: {priority}"));
            workflows.apply(&floor.act(), &source, None).await.unwrap();
        }
        let mut started = Vec::new();
        for name in ["later", "chain", "sooner"] {
            started.push(floor.start(name, json!({ "n": 1 })).await);
        }
        let mut claimed = Vec::new();
        for _ in 0..3 {
            claimed
                .extend(claim_for(&floor, "w", TimeDelta::seconds(30), 1).await.iter().map(|it| it.run_id));
        }
        started.reverse();
        assert_eq!(claimed, started);
    })
    .await;
}

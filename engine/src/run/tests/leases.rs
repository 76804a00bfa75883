//! What is promised when workers vanish, and come back when nobody expects them any more.

use chrono::{DateTime, TimeDelta};
use domain::ids::{RunId, WorkflowId};

use super::ledger::{Entry, Ledger, Then, Unwritten};
use super::recover::recover;
use super::store::{self, Claim, Claimed, Lease};
use super::*;

/// Claims as a worker would, and then says no more.
pub(super) async fn claim(floor: &Floor, worker: &str) -> Vec<Claimed> {
    claim_for(floor, worker, TimeDelta::seconds(30), 100).await
}

pub(super) async fn claim_for(floor: &Floor, worker: &str, lease: TimeDelta, limit: usize) -> Vec<Claimed> {
    let mut tx = floor.runs.db.begin().await.unwrap();
    let at = tx.clock(&floor.world).await.unwrap();
    let claim = Claim { worker, at, until: at + lease, limit };
    let claimed = store::claim(&mut tx, claim).await.unwrap();
    let ids: Vec<_> = claimed.iter().map(|claimed| claimed.run_id).collect();
    store::begin(&mut tx, &ids, at).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

fn entry(run_id: RunId, epoch: i64, then: Then) -> Entry {
    let lease = Lease { run_id, lease_epoch: epoch };
    Entry::new(lease, WorkflowId(uuid::Uuid::nil()), DateTime::UNIX_EPOCH, then)
}

fn success() -> Then {
    Then::End { state: RunState::Success, output: Some("{}".to_owned()), error: None, dead: None }
}

#[tokio::test]
async fn a_result_of_an_earlier_lease_is_stale() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let ledger = Ledger::open(db.clone(), floor.world.clone(), "w".to_owned());
        let run = floor.start("chain", json!({ "n": 1 })).await;
        assert_eq!(claim(&floor, "first").await[0].lease_epoch, 1);
        assert!(claim(&floor, "second").await.is_empty(), "it is taken");
        assert_eq!(recover(&db, &floor.world).await.unwrap(), 0, "its lease still holds");

        floor.world.advance(TimeDelta::seconds(31));
        assert_eq!(recover(&db, &floor.world).await.unwrap(), 1);
        assert_eq!(floor.whole(run).await.run.state, RunState::Pending);
        // Not even while nobody else has it.
        assert!(matches!(ledger.write(entry(run, 1, success())).await, Err(Unwritten::Stale)));
        let second = claim(&floor, "second").await;
        assert_eq!((second[0].lease_epoch, second[0].crashes), (2, 1));
        assert!(matches!(ledger.write(entry(run, 1, success())).await, Err(Unwritten::Stale)));
        assert_eq!(floor.whole(run).await.run.state, RunState::Running, "and nothing of it was written");

        ledger.write(entry(run, 2, success())).await.unwrap();
        let whole = floor.whole(run).await;
        assert_eq!((whole.run.state, whole.run.lease_epoch), (RunState::Success, 2));
        assert!(matches!(ledger.write(entry(run, 2, success())).await, Err(Unwritten::Stale)), "not twice");
        assert_eq!(whole.events[0].kind, "lost");
        assert!(whole.events[0].detail.contains("first"), "{:?}", whole.events);
    })
    .await;
}

#[tokio::test]
async fn of_a_long_history_the_last_is_shown() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let ledger = Ledger::open(db.clone(), floor.world.clone(), "w".to_owned());
        let run = floor.start("chain", json!({ "n": 1 })).await;
        claim(&floor, "w").await;
        assert!(!floor.whole(run).await.is_cut);
        let attempts = (1..=1_005).map(|number| {
            let attempt = some_attempt(&floor, run, number);
            floor.world.advance(TimeDelta::seconds(1));
            attempt
        });
        let entry = Entry { attempts: attempts.collect(), ..entry(run, 1, Then::GoOn) };
        ledger.write(entry).await.unwrap();
        let whole = floor.whole(run).await;
        let numbers: Vec<_> = whole.attempts.iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, (6..=1_005).collect::<Vec<_>>());
        assert!(whole.is_cut);
    })
    .await;
}

#[tokio::test]
async fn of_two_leases_of_a_run_in_one_transaction_only_the_last_is_written() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let ledger = Ledger::open(db.clone(), floor.world.clone(), "w".to_owned());
        let run = floor.start("chain", json!({ "n": 1 })).await;
        claim(&floor, "first").await;
        floor.world.advance(TimeDelta::seconds(31));
        recover(&db, &floor.world).await.unwrap();
        claim(&floor, "second").await;
        // Both are handed in before the ledger begins to write.
        let earlier = Entry { attempts: vec![some_attempt(&floor, run, 1)], ..entry(run, 1, success()) };
        let (earlier, last) = tokio::join!(ledger.write(earlier), ledger.write(entry(run, 2, Then::GoOn)));
        assert!(matches!(earlier, Err(Unwritten::Stale)), "{earlier:?}");
        last.unwrap();
        let whole = floor.whole(run).await;
        assert_eq!((whole.run.state, whole.attempts.len()), (RunState::Running, 0));
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_renewed_holds_and_one_of_somebody_else_is_not_renewed() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let run = floor.start("chain", json!({ "n": 1 })).await;
        claim(&floor, "first").await;
        let extend = async |epoch: i64| {
            let mut tx = db.begin().await.unwrap();
            let until = floor.world.now() + TimeDelta::seconds(30);
            let held =
                store::extend(&mut tx, &[Lease { run_id: run, lease_epoch: epoch }], until).await.unwrap();
            tx.commit().await.unwrap();
            held.len()
        };
        floor.world.advance(TimeDelta::seconds(20));
        assert_eq!((extend(1).await, extend(2).await), (1, 0));
        floor.world.advance(TimeDelta::seconds(20));
        assert_eq!(recover(&db, &floor.world).await.unwrap(), 0);
        floor.world.advance(TimeDelta::seconds(20));
        assert_eq!(recover(&db, &floor.world).await.unwrap(), 1);
        assert_eq!(extend(1).await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_takes_three_workers_down_is_given_up_and_not_forgotten() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let run = floor.start("chain", json!({ "n": 1 })).await;
        let lose = async || {
            assert_eq!(claim(&floor, "w").await.len(), 1);
            floor.world.advance(TimeDelta::seconds(31));
            assert_eq!(recover(&db, &floor.world).await.unwrap(), 1);
        };
        lose().await;
        lose().await;
        assert_eq!(floor.whole(run).await.run.state, RunState::Pending);
        lose().await;
        let whole = floor.whole(run).await;
        let dead = whole.dead.unwrap();
        assert_eq!((whole.run.state, dead.reason.word(), dead.attempts), (RunState::Failed, "poison", 3));
        assert!(claim(&floor, "w").await.is_empty());

        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        let claimed = claim(&floor, "w").await;
        assert_eq!(
            (claimed[0].lease_epoch, claimed[0].crashes),
            (4, 0),
            "a new beginning, and an epoch of its own"
        );
    })
    .await;
}

#[tokio::test]
async fn progress_forgives_workers_that_were_lost_before() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let ledger = Ledger::open(db.clone(), floor.world.clone(), "w".to_owned());
        let run = floor.start("chain", json!({ "n": 1 })).await;
        for crash in 0..5 {
            let claimed = claim(&floor, "w").await;
            let epoch = claimed[0].lease_epoch;
            assert!(claimed[0].crashes <= 1, "{claimed:?}");
            let reached = Entry {
                crashes: claimed[0].crashes,
                attempts: vec![some_attempt(&floor, run, crash + 1)],
                ..entry(run, epoch, Then::GoOn)
            };
            ledger.write(reached).await.unwrap();
            floor.world.advance(TimeDelta::seconds(31));
            recover(&db, &floor.world).await.unwrap();
        }
        assert_eq!(floor.whole(run).await.run.state, RunState::Pending);
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_is_kept_once_however_often_it_is_written() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let ledger = Ledger::open(db.clone(), floor.world.clone(), "w".to_owned());
        let run = floor.start("chain", json!({ "n": 1 })).await;
        claim(&floor, "w").await;
        // The answer to a commit may get lost; then the same is written again.
        for _ in 0..2 {
            let reached = Entry { attempts: vec![some_attempt(&floor, run, 1)], ..entry(run, 1, Then::GoOn) };
            ledger.write(reached).await.unwrap();
        }
        assert_eq!(floor.whole(run).await.attempts.len(), 1);
        let sums = store::sums(&db, WorkflowId(uuid::Uuid::nil()), DateTime::UNIX_EPOCH).await.unwrap();
        assert!(!sums.is_empty() && sums.iter().all(|sum| sum.count == 1), "and counted once: {sums:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_after_its_last_checkpoint() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let ledger = Ledger::open(db.clone(), floor.world.clone(), "w".to_owned());
        let run = floor.start("chain", json!({ "n": 1 })).await;
        claim(&floor, "lost").await;
        let mut first = some_attempt(&floor, run, 1);
        // Not what the step would find if it were run again, and so it shows whether it was.
        first.output = Some(r#"{"n":40}"#.to_owned());
        let reached = Entry {
            attempts: vec![first],
            ..entry(run, 1, Then::Later { until: floor.world.now(), signals: 0, state: RunState::Pending })
        };
        ledger.write(reached).await.unwrap();
        let pool = floor.pool("w");
        let whole = floor.ended(run).await;
        assert_eq!(whole.run.output.as_deref(), Some(r#"{"n":82}"#));
        assert_eq!(whole.attempts.len(), 3);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

fn some_attempt(floor: &Floor, run_id: RunId, number: i64) -> Attempt {
    let at = floor.world.now();
    Attempt {
        run_id,
        step: domain::workflow::StepName::parse("one").unwrap(),
        number,
        state: domain::run::AttemptState::Success,
        output: Some(r#"{"n":2}"#.to_owned()),
        confidence: None,
        error: None,
        detail: None,
        cost: None,
        worker: "w".to_owned(),
        lease_epoch: 1,
        due_at: at,
        started_at: at,
        finished_at: at,
        retry_at: None,
        superseded: false,
    }
}

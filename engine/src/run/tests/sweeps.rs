use domain::run::{DeadReason, Sweep};

use super::*;
use crate::audit::Audit;

async fn count(floor: &Floor, state: RunState) -> usize {
    let wanted = Wanted { state: Some(state), ..Wanted::default() };
    floor.runs.list(&floor.act(), &wanted, None, 1_000).await.unwrap().rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_finds_is_counted_first_and_then_changed() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let items = (0..300).map(|n| item("chain", json!({ "n": n })));
        let others = (0..20).map(|n| item("choosy", json!({ "n": n })));
        floor.runs.start(&floor.act(), items.chain(others).collect(), true).await.unwrap();
        let chain = domain::workflow::WorkflowName::parse("chain").ok();
        let wanted = Wanted { workflow: chain, ..Wanted::default() };
        let act = floor.act();
        let would = floor.runs.would_sweep(&act, &wanted, Sweep::Cancel).await.unwrap();
        assert_eq!((would.runs, would.more, count(&floor, RunState::Pending).await), (300, false, 320));
        assert_eq!(floor.runs.sweep(&act, &wanted, Sweep::Cancel).await.unwrap(), would);
        assert_eq!(
            (count(&floor, RunState::Cancelled).await, count(&floor, RunState::Pending).await),
            (300, 20)
        );
        assert_eq!(
            floor.runs.sweep(&act, &wanted, Sweep::Cancel).await.unwrap(),
            Swept::default(),
            "nothing is left"
        );

        // Tried again they go on, each with an epoch of its own; started over there are as many new ones.
        assert_eq!(floor.runs.sweep(&act, &wanted, Sweep::Retry).await.unwrap().runs, 300);
        let pool = floor.pool("w");
        while count(&floor, RunState::Success).await < 319 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let over = floor.runs.sweep(&act, &wanted, Sweep::Rerun).await.unwrap();
        assert_eq!((over.runs, over.left), (300, 0));
        while count(&floor, RunState::Success).await < 619 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        pool.stop(Duration::from_secs(5)).await;
        let verified = Audit::new(db.clone()).verify(&act).await.unwrap();
        assert_eq!(verified.broken, None);
        assert!(verified.lines >= 900, "each change of each run has its line: {verified:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_dead_letters_of_a_kind_are_tried_again() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let pool = floor.pool("w");
        // Nothing can be divided by nothing; what is below it is rejected, and no dead letter.
        let items = [0, 0, 0, -1].map(|n| item("choosy", json!({ "n": n })));
        let started = floor.runs.start(&floor.act(), items.into(), true).await.unwrap();
        for started in started {
            floor.ended(started.unwrap().id).await;
        }
        pool.stop(Duration::from_secs(5)).await;
        let act = floor.act();
        let of = |reason| Wanted { reason: Some(reason), ..Wanted::default() };
        assert_eq!(
            floor.runs.would_sweep(&act, &of(DeadReason::Poison), Sweep::Retry).await.unwrap().runs,
            0
        );
        assert_eq!(
            floor.runs.would_sweep(&act, &of(DeadReason::Faulty), Sweep::Cancel).await.unwrap().runs,
            0
        );
        // Every word of a filter narrows it down.
        let tomorrow = Some(floor.world.now() + chrono::TimeDelta::days(1));
        let narrower = [
            Wanted { key: Some("nobody".to_owned()), ..of(DeadReason::Faulty) },
            Wanted { from: tomorrow, ..of(DeadReason::Faulty) },
            Wanted { state: Some(RunState::Cancelled), ..of(DeadReason::Faulty) },
            Wanted {
                workflow: domain::workflow::WorkflowName::parse("chain").ok(),
                ..of(DeadReason::Faulty)
            },
        ];
        for wanted in &narrower {
            assert_eq!(
                floor.runs.sweep(&act, wanted, Sweep::Retry).await.unwrap(),
                Swept::default(),
                "{wanted:?}"
            );
        }
        assert_eq!(floor.runs.list(&act, &of(DeadReason::Faulty), None, 10).await.unwrap().rows.len(), 3);
        assert_eq!(floor.runs.sweep(&act, &of(DeadReason::Faulty), Sweep::Retry).await.unwrap().runs, 3);
        let letters = floor.runs.dead_letters(&act, None, Some(DeadReason::Faulty), None, 10).await.unwrap();
        assert!(letters.rows.is_empty(), "they are on their way again");
        assert_eq!((count(&floor, RunState::Pending).await, count(&floor, RunState::Failed).await), (3, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_started_over_is_not_started_over_again() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let pool = floor.pool("w");
        for n in 0..5 {
            floor.ended(floor.start("chain", json!({ "n": n })).await).await;
        }
        // Whatever goes through it now is rejected at once, and then has failed: a state a sweep comes to later.
        let no = "name: chain\nsteps: {no: {rule: {reject: {when: 'true', because: No.}}}}\n";
        Workflows::new(db.clone()).apply(&floor.act(), no, None).await.unwrap();
        assert_eq!(floor.runs.sweep(&floor.act(), &Wanted::default(), Sweep::Rerun).await.unwrap().runs, 5);
        while count(&floor, RunState::Failed).await < 5 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(pool.stop(Duration::from_secs(5)).await);
        assert_eq!((count(&floor, RunState::Failed).await, count(&floor, RunState::Pending).await), (5, 0));
    })
    .await;
}

use super::*;
use crate::testing::TestDb;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_its_way_and_every_step_is_kept() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let pool = floor.pool("w");
        let whole = floor.ended(floor.start("chain", json!({ "n": 3 })).await).await;
        assert_eq!((whole.run.state, whole.run.output.as_deref()), (RunState::Success, Some(r#"{"n":10}"#)));
        let all = ["one", "two", "three"].map(|step| (step.to_owned(), 1, "success"));
        assert_eq!(tried(&whole), all);
        assert!(whole.attempts.iter().all(|attempt| attempt.due_at <= attempt.started_at
            && attempt.started_at <= attempt.finished_at
            && attempt.worker == "w"));
        assert!(whole.standing.is_none() && whole.dead.is_none());

        let odd = floor.ended(floor.start("choosy", json!({ "n": 5 })).await).await;
        assert_eq!(odd.run.output.as_deref(), Some(r#"{"x":1}"#));
        assert!(tried(&odd).contains(&("even".to_owned(), 1, "skipped")));
        assert!(pool.stop(Duration::from_secs(5)).await);
        let queues = floor.runs.queues(&floor.act()).await.unwrap();
        assert!(queues.workers.is_empty(), "a worker that has stopped is gone: {queues:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rejected_has_failed_and_what_cannot_go_on_lies_among_the_dead_letters() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let pool = floor.pool("w");
        let rejected = floor.ended(floor.start("choosy", json!({ "n": -1 })).await).await;
        assert_eq!(
            (rejected.run.state, rejected.run.error.as_deref()),
            (RunState::Failed, Some("check: Too small."))
        );
        assert!(rejected.dead.is_none(), "that is what the definition wants");

        let faulty = floor.ended(floor.start("choosy", json!({ "n": 0 })).await).await;
        let dead = faulty.dead.unwrap();
        assert_eq!(
            (faulty.run.state, dead.reason.word(), dead.step.as_str()),
            (RunState::Failed, "faulty", "check")
        );
        assert!(dead.error.contains("half"), "{dead:?}");
        let letters = floor.runs.dead_letters(&floor.act(), None, None, None, 10).await.unwrap();
        assert_eq!(letters.rows.len(), 1);

        // Somebody has it tried again, and it fails again: it is among them again, and not twice.
        floor.runs.retry(&floor.act(), faulty.run.id, None).await.unwrap();
        let again = floor.ended(faulty.run.id).await;
        assert_eq!(tried(&again), [("check".to_owned(), 1, "failed"), ("check".to_owned(), 2, "failed")]);
        assert_eq!(again.dead.unwrap().attempts, 2);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_never_do_the_same_twice() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let pools: Vec<_> = (0..3).map(|n| floor.pool(&format!("w{n}"))).collect();
        let items: Vec<_> = (0..300).map(|n| item("chain", json!({ "n": n }))).collect();
        let started = floor.runs.start(&floor.act(), items, true).await.unwrap();
        for (n, started) in started.iter().enumerate() {
            let whole = floor.ended(started.as_ref().unwrap().id).await;
            assert_eq!(whole.run.output.unwrap(), json!({ "n": (n + 2) * 2 }).to_string());
            assert_eq!(whole.attempts.len(), 3);
            assert_eq!(whole.run.lease_epoch, 1, "claimed once");
        }
        for pool in pools {
            assert!(pool.stop(Duration::from_secs(5)).await);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_leaves_nothing_behind_that_others_would_have_to_wait_for() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let items: Vec<_> = (0..400).map(|n| item("chain", json!({ "n": n }))).collect();
        let started = floor.runs.start(&floor.act(), items, true).await.unwrap();
        let pool = floor.pool("first");
        tokio::time::sleep(Duration::from_millis(15)).await;
        assert!(pool.stop(Duration::from_secs(5)).await);
        let running = Wanted { state: Some(RunState::Running), ..Wanted::default() };
        assert_eq!(floor.runs.list(&floor.act(), &running, None, 10).await.unwrap().rows.len(), 0);
        let second = floor.pool("second");
        for started in started {
            let whole = floor.ended(started.unwrap().id).await;
            // What the first had reached was not done again.
            assert_eq!((whole.run.state, whole.attempts.len()), (RunState::Success, 3), "{whole:?}");
        }
        second.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_and_comes_back_loses_nothing() {
    let fresh = TestDb::postgres().await;
    let floor = Floor::new(&fresh.db, World::Real).await;
    let pool = floor.pool("w");
    let items: Vec<_> = (0..300).map(|n| item("chain", json!({ "n": n }))).collect();
    let started = floor.runs.start(&floor.act(), items, true).await.unwrap();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        fresh.cut_connections().await;
    }
    for started in started {
        let whole = floor.ended(started.unwrap().id).await;
        assert_eq!((whole.run.state, whole.attempts.len()), (RunState::Success, 3), "{whole:?}");
    }
    assert!(pool.stop(Duration::from_secs(5)).await);
    fresh.drop_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_waited_for() {
    let fresh = TestDb::sqlite().await;
    let floor = Floor::new(&fresh.db, World::Real).await;
    let items: Vec<_> = (0..200).map(|n| item("chain", json!({ "n": n }))).collect();
    let started = floor.runs.start(&floor.act(), items, true).await.unwrap();
    fresh.leave_pages(2).await;
    let pool = floor.pool("w");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let first = floor.whole(started[0].as_ref().unwrap().id).await;
    let last = floor.whole(started[199].as_ref().unwrap().id).await;
    assert!(!first.run.state.is_final() || !last.run.state.is_final(), "there was no room for all of them");
    fresh.leave_pages(1_000_000).await;
    for started in started {
        assert_eq!(floor.ended(started.unwrap().id).await.attempts.len(), 3);
    }
    assert!(pool.stop(Duration::from_secs(5)).await);
    fresh.drop_it().await;
}

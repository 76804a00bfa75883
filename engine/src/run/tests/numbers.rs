use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_counted_once() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        // Of 40, the odd ones go one way and the even ones the other; one cannot be divided by, two are rejected.
        let items = (-2..38).map(|n| item("choosy", json!({ "n": n })));
        let started = floor.runs.start(&floor.act(), items.collect(), true).await.unwrap();
        let cancelled = floor.start("choosy", json!({ "n": 1 })).await;
        floor.runs.cancel(&floor.act(), cancelled).await.unwrap();
        let pools = [floor.pool("one"), floor.pool("other")];
        let mut took = Vec::new();
        for started in started {
            let whole = floor.ended(started.unwrap().id).await;
            took.push((whole.run.finished_at.unwrap() - whole.run.created_at).num_microseconds().unwrap());
        }
        for pool in pools {
            pool.stop(Duration::from_secs(5)).await;
        }
        let name = domain::workflow::WorkflowName::parse("choosy").unwrap();
        // Two hours, for one may just have ended.
        let numbers = floor.runs.numbers(&floor.act(), &name, 2).await.unwrap().unwrap();
        assert_eq!(
            (numbers.success, numbers.failed, numbers.dead, numbers.cancelled),
            (37, 3, 1, 1),
            "{numbers:?}"
        );
        let of = |name: &str| numbers.steps.iter().find(|step| step.step == name).unwrap().clone();
        assert_eq!((of("check").success, of("check").failed), (37, 3));
        assert_eq!((of("odd").success, of("odd").skipped, of("last").success), (19, 18, 37));
        // Of runs as a whole, the cancelled one among them, which ended first.
        took.sort_unstable();
        let median = numbers.took.p50.unwrap();
        assert!(took[10] * 9 / 10 <= median && median <= took[30] * 11 / 10, "{median} in {took:?}");
        assert!(of("check").took.p99.is_some() && of("check").waited.p50.is_some());
    })
    .await;
}

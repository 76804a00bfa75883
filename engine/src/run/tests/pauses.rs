//! Pausing a workflow.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_workflow_takes_runs_in_and_goes_on_with_none() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let act = floor.act();
        floor.runs.pause(&act, "chain", "The prices are wrong.").await.unwrap();
        assert!(
            floor.runs.pause(&act, "chain", "").await.is_err()
                && floor.runs.pause(&act, "none", "").await.is_err()
        );
        let pool = floor.pool("w");
        let (held, other) =
            (floor.start("chain", json!({"n": 1})).await, floor.start("choosy", json!({"n": 2})).await);
        assert_eq!(floor.ended(other).await.run.state, RunState::Success);
        floor.is_left_alone(held).await;
        let whole = floor.whole(held).await;
        assert_eq!((whole.run.state, whole.attempts.len()), (RunState::Pending, 0));
        let pauses = floor.runs.pauses(&act).await.unwrap();
        assert_eq!((pauses.len(), pauses[0].why.as_str()), (1, "The prices are wrong."));

        floor.runs.resume(&act, "chain").await.unwrap();
        assert!(floor.runs.resume(&act, "chain").await.is_err());
        assert_eq!(floor.ended(held).await.run.state, RunState::Success);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_under_way_is_left_at_its_next_checkpoint() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let source = "
name: slow
steps:
  rest: {wait: {for: 1500ms}}
  after: {needs: rest, rule: {set: {x: '1'}}}
";
        Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
        let pool = floor.pool("w");
        let run = floor.start("slow", json!({})).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        floor.runs.pause(&floor.act(), "slow", "").await.unwrap();
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        let whole = floor.whole(run).await;
        assert!(
            !whole.run.state.is_final() && tried(&whole).iter().all(|(step, ..)| step != "after"),
            "{whole:?}"
        );
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

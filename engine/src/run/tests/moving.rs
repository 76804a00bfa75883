//! Runs that are moved to another version of their workflow.

use domain::audit::Action;

use super::*;
use crate::audit::{Audit, Filter};

const FIRST: &str = "
name: moved
input: {type: object, properties: {n: {type: integer}}}
steps:
  one: {rule: {set: {n: input.n + 1}}}
  rest: {needs: one, wait: {signal: go, within: 1h, otherwise: go_on}}
  last: {needs: rest, rule: {set: {n: steps.one.n}}}
output: {n: steps.last.n}
";

async fn apply(floor: &Floor, source: &str) {
    Workflows::new(floor.runs.db.clone()).apply(&floor.act(), source, None).await.unwrap();
}

async fn at_rest(floor: &Floor, run: domain::ids::RunId) {
    for _ in 0..1_000 {
        let whole = floor.whole(run).await;
        if whole.run.state == RunState::Pending && !whole.waits.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it does not wait: {:?}", floor.whole(run).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_by_another_version_with_what_it_has_found() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        apply(&floor, FIRST).await;
        let pool = floor.pool("w");
        let run = floor.start("moved", json!({"n": 1})).await;
        at_rest(&floor, run).await;
        // What comes after is another, and there is one step more that can be done at once.
        apply(
            &floor,
            &FIRST.replace("set: {n: steps.one.n}", "set: {n: steps.one.n * 10 + steps.more.n}").replace(
                "  last: {needs: rest",
                "  more: {rule: {set: {n: '3'}}}\n  last: {needs: [rest, more]",
            ),
        )
        .await;
        let act = floor.act();
        assert_eq!(floor.whole(run).await.run.version, 1, "it stays where it was until somebody moves it");

        let would = floor.runs.would_move(&act, "moved", None).await.unwrap();
        assert_eq!((would.runs, would.stay.len(), would.to), (1, 0, 2));
        assert_eq!(floor.whole(run).await.run.version, 1, "to look changes nothing");
        let moved = floor.runs.move_over(&act, "moved", None).await.unwrap();
        assert_eq!((moved.runs, moved.more), (1, false));
        assert_eq!(floor.runs.move_over(&act, "moved", None).await.unwrap().runs, 0);

        floor.runs.signal(&act, run, "go", &Value::Null).await.unwrap();
        let whole = floor.ended(run).await;
        assert_eq!((whole.run.version, whole.run.output.as_deref()), (2, Some(r#"{"n":23}"#)), "{whole:?}");
        assert!(whole.events.iter().any(|event| event.detail == "Moved from version 1 to version 2."));
        let filter = Filter { action: Some(Action::RunMoved.word().to_owned()), ..Filter::default() };
        assert_eq!(Audit::new(db.clone()).page(&act, &filter, 10).await.unwrap().rows.len(), 1);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_go_on_by_another_version_stays_and_it_is_said_why() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        apply(&floor, FIRST).await;
        let pool = floor.pool("w");
        let waiting = floor.start("moved", json!({"n": 1})).await;
        let unfit = floor.start("moved", json!({})).await;
        at_rest(&floor, waiting).await;
        floor.ended(unfit).await;
        pool.stop(Duration::from_secs(5)).await;
        let untouched = floor.start("moved", json!({})).await;
        // What it waits at is another; what the input must be, too.
        apply(
            &floor,
            &FIRST
                .replace("within: 1h", "within: 2h")
                .replace("{type: object,", "{type: object, required: [n],"),
        )
        .await;
        let act = floor.act();
        let moved = floor.runs.move_over(&act, "moved", Some(2)).await.unwrap();
        assert_eq!(moved.runs, 0);
        let mut why: Vec<_> = moved.stay.iter().map(|stay| (stay.example, stay.because.as_str())).collect();
        why.sort_by_key(|(example, _)| *example);
        assert_eq!(
            why,
            [
                (waiting, "It waits at the step “rest”, which is another one in version 2."),
                (untouched, "Its input does not fit the schema of version 2."),
            ]
        );

        let to = floor.runs.move_over(&act, "moved", Some(3)).await.unwrap_err().into_fault();
        assert_eq!(to.of("to"), Some("moved has the versions 1 to 2."));
        assert!(floor.runs.would_move(&act, "none", None).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_has_is_not_taken_from_it() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        apply(&floor, FIRST).await;
        let run = floor.start("moved", json!({"n": 1})).await;
        apply(&floor, &FIRST.replace("n + 1", "n + 2")).await;
        let mut tx = db.begin().await.unwrap();
        let at = tx.clock(&floor.world).await.unwrap();
        let claim = store::Claim { worker: "slow", at, until: at + chrono::TimeDelta::minutes(1), limit: 1 };
        assert_eq!(store::claim(&mut tx, claim).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        let moved = floor.runs.move_over(&floor.act(), "moved", None).await.unwrap();
        assert_eq!((moved.runs, moved.stay[0].because.as_str()), (0, "A worker has it at this moment."));
        assert_eq!(floor.whole(run).await.run.version, 1);
    })
    .await;
}

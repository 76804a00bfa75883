//! Steps that send each element of a list through another workflow.

use domain::ids::RunId;

use super::calls::{Says, Service};
use super::*;

const ONE: &str = "
name: one
input: {type: object, required: [n], properties: {n: {type: integer}}}
steps:
  check: {rule: {reject: {when: input.n < 0, because: Too small.}, set: {twice: input.n * 2}}}
output: {twice: steps.check.twice}
";

fn many(more: &str) -> String {
    format!(
        "
name: many
steps:
  each:
    map: {{over: input.all, workflow: one, input: {{n: item}}, at_once: 3, within: 1h{more}}}
  add: {{needs: each, rule: {{set: {{failed: steps.each.failed, last: 'steps.each.results[size(steps.each.results) - 1]'}}}}}}
output: {{results: steps.each.results, failed: steps.add.failed}}
"
    )
}

async fn floor(db: &Db, more: &str) -> Floor {
    let floor = Floor::new(db, World::Real).await;
    for source in [ONE, &many(more)] {
        Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
    }
    floor
}

fn output(whole: &Whole) -> Value {
    serde_json::from_str(whole.run.output.as_deref().unwrap_or_else(|| panic!("{:?}", whole.run.error)))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_element_is_a_run_and_the_results_keep_their_order() {
    on_both(async |db| {
        let floor = floor(&db, "").await;
        let pool = floor.pool("w");
        let all: Vec<i64> = (0..40).collect();
        let run = floor.start("many", json!({ "all": all })).await;
        let whole = floor.ended(run).await;
        let results: Vec<_> = all.iter().map(|n| json!({ "twice": n * 2 })).collect();
        assert_eq!(output(&whole), json!({ "results": results, "failed": 0 }));
        assert_eq!(whole.children.len(), 40);
        let child = floor.whole(whole.children[7].id).await;
        assert_eq!((child.run.parent_id, child.run.input.as_str()), (Some(run), r#"{"n":7}"#));
        let none = floor.ended(floor.start("many", json!({ "all": [] })).await).await;
        assert!(none.run.error.unwrap().starts_with("add:"), "an empty list has no last element");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_on_their_way_at_once_than_may_be() {
    on_both(async |db| {
        let floor = floor(&db, "").await;
        let slow = ONE
            .replace("steps:", "steps:\n  rest: {wait: {for: 30ms}}")
            .replace("check: {", "check: {needs: rest, ");
        let workflows = Workflows::new(db.clone());
        workflows.apply(&floor.act(), &slow, None).await.unwrap();
        // The version of the other is chosen when this one is applied.
        let plan = workflows.apply(&floor.act(), &many(""), None).await.unwrap();
        let crate::shelf::Change::Changed { difference } = plan.change else { panic!("{plan:?}") };
        assert!(difference.contains("+# each sends each through one@2"), "{difference}");
        let pool = floor.pool("w");
        let run = floor.start("many", json!({ "all": (0..12).collect::<Vec<_>>() })).await;
        let mut most = 0;
        while !floor.whole(run).await.run.state.is_final() {
            let children = floor.whole(run).await.children;
            most = most.max(children.iter().filter(|child| !child.state.is_final()).count());
        }
        assert!((1..=3).contains(&most), "{most} at once");
        assert_eq!(output(&floor.whole(run).await)["failed"], 0);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_succeed_fails_the_step_or_is_counted() {
    on_both(async |db| {
        let floor = floor(&db, "").await;
        let pool = floor.pool("w");
        let run = floor.start("many", json!({ "all": [1, -1, 3, -2] })).await;
        let failed = floor.ended(run).await;
        let error = failed.run.error.unwrap();
        assert!(error.contains("2 of 4 did not succeed. Element 1: check: Too small."), "{error}");
        // Tried again, only what did not succeed is sent through anew.
        let before: Vec<RunId> = failed.children.iter().map(|child| child.id).collect();
        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        let again = floor.ended(run).await;
        assert!(again.run.error.unwrap().contains("2 of 4"));
        let after: Vec<RunId> = again.children.iter().map(|child| child.id).collect();
        let same: Vec<bool> = before.iter().zip(&after).map(|(before, after)| before == after).collect();
        assert_eq!(same, [true, false, true, false]);
        // From the step itself, all are.
        floor.runs.retry(&floor.act(), run, Some("each")).await.unwrap();
        let all = floor.ended(run).await;
        assert!(all.children.iter().all(|child| !after.contains(&child.id)));

        let lenient = many(", otherwise: go_on");
        Workflows::new(db.clone()).apply(&floor.act(), &lenient, None).await.unwrap();
        let counted = floor.ended(floor.start("many", json!({ "all": [1, -1] })).await).await;
        assert_eq!(output(&counted), json!({ "results": [{"twice": 2}, null], "failed": 1 }));
        for (all, says) in [
            (json!([1, "x"]), "The element 1 does not fit what one takes: /n"),
            (json!("x"), "must be a list"),
            (json!((0..1001).collect::<Vec<_>>()), "1001 elements"),
        ] {
            let refused = floor.ended(floor.start("many", json!({ "all": all })).await).await;
            assert!(refused.run.error.as_deref().unwrap().contains(says), "{:?}", refused.run.error);
        }
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_takes_its_elements_with_it() {
    on_both(async |db| {
        let floor = floor(&db, "").await;
        let waiting = "
name: one
steps:
  rest: {wait: {for: 10d}}
";
        let workflows = Workflows::new(db.clone());
        workflows.apply(&floor.act(), waiting, None).await.unwrap();
        workflows.apply(&floor.act(), &many(""), None).await.unwrap();
        let pool = floor.pool("w");
        let run = floor.start("many", json!({ "all": [1, 2, 3, 4, 5] })).await;
        for _ in 0..400 {
            if floor.whole(run).await.children.len() == 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        floor.is_left_alone(run).await;
        // One of them is cancelled by itself: the run finds out and sends the next through.
        let first = floor.whole(run).await.children[0].id;
        floor.runs.cancel(&floor.act(), first).await.unwrap();
        for _ in 0..400 {
            if floor.whole(run).await.children.len() == 4 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(floor.whole(run).await.children.len(), 4);
        // While it goes on, they are needed.
        floor.runs.cancel_orphans(&floor.act(), &[run]).await.unwrap();
        let children = floor.whole(run).await.children;
        assert_eq!(children.iter().filter(|child| child.state == RunState::Cancelled).count(), 1);
        floor.runs.cancel(&floor.act(), run).await.unwrap();
        assert!(floor.whole(run).await.children.iter().all(|child| child.state == RunState::Cancelled));

        // So does one that is over time.
        let short = many("").replace("within: 1h", "within: 200ms");
        workflows.apply(&floor.act(), &short, None).await.unwrap();
        let late = floor.ended(floor.start("many", json!({ "all": [1, 2] })).await).await;
        assert!(late.run.error.unwrap().contains("0 of 2 have ended within 200ms"));
        tokio::time::sleep(Duration::from_millis(200)).await;
        let children = floor.whole(late.run.id).await.children;
        assert!(
            children.len() == 2 && children.iter().all(|child| child.state == RunState::Cancelled),
            "{children:?}"
        );
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_get_on_while_their_run_asks_somebody_slow() {
    on_both(async |db| {
        let service = Service::that(&[Says::TooLate]).await;
        let floor = floor(&db, "").await;
        let ask = format!(
            "steps:\n  ask: {{http: {{url: 'http://{}'}}, timeout: 2600ms, retry: {{attempts: 1}}}}",
            service.address
        );
        let source = many("").replace("within: 1h", "within: 2s").replace("steps:\n", &format!("{ask}\n"));
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let pool = floor.pool("w");
        let whole = floor.ended(floor.start("many", json!({ "all": [1, 2, 3] })).await).await;
        let each = whole.attempts.iter().find(|attempt| attempt.step.as_str() == "each").unwrap();
        assert_eq!(each.error, None, "its time ran out, though all had ended");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_have_their_time_again_when_their_run_is_tried_again() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let one = "name: one\nsteps:\n  rest: {wait: {signal: go, within: 10d, otherwise: fail}}\n";
        let many = "
name: many
budget: {time: 150ms}
steps:
  each: {map: {over: input.all, workflow: one, within: 400ms}}
";
        let workflows = Workflows::new(db.clone());
        for source in [one, many] {
            workflows.apply(&floor.act(), source, None).await.unwrap();
        }
        let pool = floor.pool("w");
        let run = floor.start("many", json!({ "all": [{}] })).await;
        let over = floor.ended(run).await;
        assert!(over.run.error.unwrap().contains("within 150ms"));
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = std::time::Instant::now();
        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        let late = floor.ended(run).await;
        assert!(late.run.error.unwrap().contains("0 of 1 have ended within 400ms"));
        assert!(before.elapsed() > Duration::from_millis(350), "it had no time at all");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

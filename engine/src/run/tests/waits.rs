//! Waiting for time to pass and for signals, which may come before anybody waits for them.

use chrono::TimeDelta;
use domain::ids::RunId;

use super::*;

const CONTRACT: &str = "
name: contract
steps:
  prepare: {rule: {set: {n: input.n}}}
  signed: {needs: prepare, wait: {signal: signed, within: 1d, otherwise: fail}}
  file: {needs: signed, rule: {set: {by: steps.signed.payload.by}}}
output: {by: steps.file.by}
";

const PATIENT: &str = "
name: patient
steps:
  rest: {wait: {for: 200ms}}
  maybe: {wait: {signal: maybe, within: 300ms, otherwise: go_on}}
  beside: {rule: {set: {x: '1'}}}
  last: {needs: [rest, maybe, beside], rule: {set: {came: steps.maybe.came}}}
output: {came: steps.last.came}
";

async fn floor(db: &Db) -> Floor {
    let floor = Floor::new(db, World::Real).await;
    for source in [CONTRACT, PATIENT] {
        Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
    }
    floor
}

async fn sign(floor: &Floor, run: RunId, by: &str) -> Result<(), domain::Fault> {
    let signed = floor.runs.signal(&floor.act(), run, "signed", &json!({ "by": by })).await;
    signed.map_err(crate::Error::into_fault)
}

/// Waits until a run waits, and nobody has it.
async fn parked(floor: &Floor, run: RunId) -> Whole {
    for _ in 0..1_000 {
        let whole = floor.whole(run).await;
        if !whole.waits.is_empty() && whole.standing.as_ref().is_some_and(|standing| !standing.taken) {
            return whole;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it does not wait: {:?}", floor.whole(run).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_wakes_the_run_that_waits_for_it() {
    on_both(async |db| {
        let floor = floor(&db).await;
        let pool = floor.pool("w");
        let run = floor.start("contract", json!({ "n": 1 })).await;
        let waiting = parked(&floor, run).await;
        assert_eq!(waiting.waits[0].signal.as_ref().unwrap().as_str(), "signed");
        assert!(waiting.standing.unwrap().run_at > floor.world.now() + TimeDelta::hours(23));
        sign(&floor, run, "Ada").await.unwrap();
        let whole = floor.ended(run).await;
        assert_eq!(whole.run.output.as_deref(), Some(r#"{"by":"Ada"}"#), "{whole:?}");
        assert!(whole.waits.is_empty() && whole.events[0].kind == "signalled");

        // Said again it is the same, said otherwise it is a conflict, and to one that has ended it comes too late.
        sign(&floor, run, "Ada").await.unwrap();
        assert!(sign(&floor, run, "Bo").await.unwrap_err().message.contains("with another payload"));
        let late = floor.runs.signal(&floor.act(), run, "other", &json!({})).await.unwrap_err().into_fault();
        assert!(late.message.contains("ended already"));
        assert_eq!(floor.whole(run).await.events.len(), 1);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_comes_early_is_kept() {
    on_both(async |db| {
        let floor = floor(&db).await;
        let run = floor.start("contract", json!({ "n": 1 })).await;
        sign(&floor, run, "Ada").await.unwrap();
        let pool = floor.pool("w");
        assert_eq!(floor.ended(run).await.run.output.as_deref(), Some(r#"{"by":"Ada"}"#));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_at_any_moment_is_never_missed() {
    on_both(async |db| {
        let floor = floor(&db).await;
        let pools = [floor.pool("one"), floor.pool("other")];
        let mut runs = Vec::new();
        // Sent while the worker is about to put the run down, which is when a wake-up is easily lost.
        for n in 0..60 {
            let run = floor.start("contract", json!({ "n": n })).await;
            tokio::time::sleep(Duration::from_micros(n * 150)).await;
            sign(&floor, run, "Ada").await.unwrap();
            runs.push(run);
        }
        for run in runs {
            assert_eq!(floor.ended(run).await.run.state, RunState::Success);
        }
        for pool in pools {
            pool.stop(Duration::from_secs(5)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_passes_once_however_often_the_run_is_claimed() {
    on_both(async |db| {
        let floor = floor(&db).await;
        let pool = floor.pool("w");
        let run = floor.start("patient", json!({})).await;
        let whole = floor.ended(run).await;
        assert_eq!(whole.run.output.as_deref(), Some(r#"{"came":false}"#), "{whole:?}");
        let took = whole.run.finished_at.unwrap() - whole.run.created_at;
        assert!(took >= TimeDelta::milliseconds(300) && took < TimeDelta::seconds(2), "{took}");
        let of = |step: &str| whole.attempts.iter().find(|attempt| attempt.step.as_str() == step).unwrap();
        assert!(of("rest").finished_at - of("rest").started_at >= TimeDelta::milliseconds(200));
        assert!(of("beside").finished_at < of("rest").finished_at, "the others do not wait with it");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_came_to_nothing_begins_anew_when_it_is_tried_again() {
    on_both(async |db| {
        let floor = floor(&db).await;
        let pool = floor.pool("w");
        let source = CONTRACT.replace("name: contract", "name: hasty").replace("1d", "100ms");
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let run = floor.start("hasty", json!({ "n": 1 })).await;
        let failed = floor.ended(run).await;
        assert_eq!(failed.run.error.as_deref(), Some("signed: The signal signed did not come within 100ms."));
        assert!(failed.dead.is_some());
        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        sign(&floor, run, "Ada").await.unwrap();
        assert_eq!(floor.ended(run).await.run.state, RunState::Success);
        // Done again from the wait, the signal is still known.
        floor.runs.retry(&floor.act(), run, Some("signed")).await.unwrap();
        assert_eq!(floor.ended(run).await.run.state, RunState::Success);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

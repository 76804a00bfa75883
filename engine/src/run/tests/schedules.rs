//! What starts by itself, what there is one of at a time, and what is forgotten.

use chrono::TimeDelta;
use domain::run::Sweep;

use super::*;
use crate::audit::{Audit, Filter};
use crate::job::{AUTHOR, apply_built_in};
use crate::schedule::{ScheduleRow, Schedules};

fn nightly(more: &str) -> String {
    format!(
        "
name: nightly
schedule: {{cron: '0 3 * * *', zone: Europe/Berlin, input: {{n: 1}}}}
{more}
steps:
  pause: {{wait: {{signal: go, within: 30d, otherwise: go_on}}}}
"
    )
}

async fn apply(db: &Db, floor: &Floor, source: &str) {
    Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
}

async fn only(db: &Db, floor: &Floor) -> ScheduleRow {
    let mut all = Schedules::new(db.clone()).list(&floor.act()).await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn runs_of(floor: &Floor, workflow: &str) -> Vec<RunLine> {
    let wanted = Wanted {
        workflow: Some(domain::workflow::WorkflowName::parse(workflow).unwrap()),
        ..Wanted::default()
    };
    floor.runs.list(&floor.act(), &wanted, None, 100).await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_starts_one_run_at_its_moment_however_many_look() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        apply(&db, &floor, &nightly("")).await;
        let first = only(&db, &floor).await.next_at;
        assert!(first > floor.world.now() && first - floor.world.now() <= TimeDelta::days(1));
        assert!(!floor.runs.start_due(&floor.world, floor.world.now()).await.unwrap(), "it is not due yet");

        floor.world.advance(first - floor.world.now());
        let looking: Vec<_> = (0..8)
            .map(|_| {
                let (runs, world) = (Runs::new(db.clone()), floor.world.clone());
                tokio::spawn(async move { while runs.start_due(&world, world.now()).await.unwrap() {} })
            })
            .collect();
        for one in looking {
            one.await.unwrap();
        }
        let started = runs_of(&floor, "nightly").await;
        assert_eq!(started.len(), 1);
        let row = only(&db, &floor).await;
        assert_eq!(
            (row.last_run, row.last_at, row.last_error.as_str()),
            (Some(started[0].id), Some(first), "")
        );
        assert_eq!(floor.whole(started[0].id).await.run.created_by, "schedule");

        // Nobody has worked for three days: that is made up for once.
        floor.world.advance(TimeDelta::days(3));
        while floor.runs.start_due(&floor.world, floor.world.now()).await.unwrap() {}
        assert_eq!(runs_of(&floor, "nightly").await.len(), 2);
        assert!(only(&db, &floor).await.next_at > floor.world.now());

        // The newest version says when; one without a schedule says never.
        apply(&db, &floor, &nightly("").replace("0 3 * * *", "30 4 * * *")).await;
        assert_eq!(only(&db, &floor).await.cron, "30 4 * * *");
        apply(&db, &floor, "name: nightly\nsteps:\n  a: {rule: {set: {x: '1'}}}\n").await;
        assert!(Schedules::new(db.clone()).list(&floor.act()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_some_runs_there_is_one_at_a_time() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        apply(&db, &floor, &nightly("one_at_a_time: input.n")).await;
        let start = async |n: i64| {
            let mut all = floor
                .runs
                .start(&floor.act(), vec![item("nightly", json!({ "n": n }))], false)
                .await
                .unwrap();
            all.remove(0).unwrap()
        };
        let (one, again, other) = (start(1).await, start(1).await, start(2).await);
        assert!(one.made && !again.made && other.made);
        assert_eq!((one.id, again.state), (again.id, RunState::Pending));
        // Also within one call, and of many calls at once.
        let both = vec![item("nightly", json!({"n": 3})), item("nightly", json!({"n": 3}))];
        let both = floor.runs.start(&floor.act(), both, true).await.unwrap();
        assert_eq!(both[0].as_ref().unwrap().id, both[1].as_ref().unwrap().id);
        let rushing: Vec<_> = (0..10)
            .map(|_| {
                let (runs, act) = (floor.runs.clone(), floor.act());
                tokio::spawn(async move {
                    runs.start(&act, vec![item("nightly", json!({"n": 4}))], false)
                        .await
                        .unwrap()
                        .remove(0)
                        .unwrap()
                })
            })
            .collect();
        let mut made = 0;
        for one in rushing {
            made += usize::from(one.await.unwrap().made);
        }
        assert_eq!(made, 1);

        // What is due meanwhile is passed over, and said so.
        floor.world.advance(TimeDelta::days(1));
        while floor.runs.start_due(&floor.world, floor.world.now()).await.unwrap() {}
        assert!(only(&db, &floor).await.last_error.contains("had not ended"));
        assert!(floor.runs.rerun(&floor.act(), one.id).await.is_err(), "a second one was started over");
        // Once it has ended, there may be another, and the first cannot come back beside it.
        floor.runs.cancel(&floor.act(), one.id).await.unwrap();
        let next = start(1).await;
        assert!(next.made && next.id != one.id);
        let refused = floor.runs.retry(&floor.act(), one.id, None).await.unwrap_err().into_fault();
        assert!(refused.message.contains("one run of its kind at a time"), "{refused:?}");
        // Of many, those come back that can.
        floor.runs.cancel(&floor.act(), other.id).await.unwrap();
        let all = Wanted::default();
        let swept = floor.runs.sweep(&floor.act(), &all, Sweep::Retry).await.unwrap();
        assert_eq!((swept.runs, swept.left), (1, 1));
        assert_eq!(floor.whole(other.id).await.run.state, RunState::Pending);
        let long = vec![item("nightly", json!({ "n": "x".repeat(201) }))];
        let long = floor.runs.start(&floor.act(), long, false).await.unwrap().remove(0).unwrap_err();
        assert!(long.fields[0].message.contains("200 characters at most"), "{long:?}");
        let wrong =
            floor.runs.start(&floor.act(), vec![item("nightly", json!({}))], false).await.unwrap().remove(0);
        assert!(wrong.unwrap_err().fields[0].message.contains("one_at_a_time"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_keeps_itself() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let workflows = Workflows::new(db.clone());
        let keep = CHOOSY.replace("name: choosy", "name: keep\nretention: 10d");
        apply(&db, &floor, &keep).await;
        apply_built_in(&workflows, &floor.world).await.unwrap();
        apply_built_in(&workflows, &floor.world).await.unwrap();
        let pool = floor.pool("w");
        let (fine, refused, dead) = (
            floor.start("keep", json!({"n": 2})).await,
            floor.start("keep", json!({"n": -1})).await,
            floor.start("keep", json!({"n": 0})).await,
        );
        for run in [fine, refused, dead] {
            floor.ended(run).await;
        }
        assert!(floor.whole(dead).await.dead.is_some());
        let kept_for_ever = floor.start("chain", json!({"n": 1})).await;
        floor.ended(kept_for_ever).await;

        floor.world.advance(TimeDelta::days(11));
        let young = floor.start("keep", json!({"n": 4})).await;
        floor.ended(young).await;
        let house = floor.start("house-keeping", json!({})).await;
        let done = floor.ended(house).await;
        assert_eq!((done.run.state, done.run.error), (RunState::Success, None));
        let output: Value = serde_json::from_str(&done.run.output.unwrap()).unwrap();
        assert_eq!(output["forgotten"], 2);
        assert!(output["audit_lines"].as_i64().unwrap() > 0);
        for gone in [fine, refused] {
            assert!(floor.runs.open(&floor.act(), gone).await.is_err(), "{gone} is still there");
        }
        for stays in [dead, kept_for_ever, young] {
            floor.whole(stays).await;
        }
        let forgotten = Filter { action: Some("run.forgotten".to_owned()), ..Filter::default() };
        let lines = Audit::new(db.clone()).page(&floor.act(), &forgotten, 10).await.unwrap().rows;
        // One for each state they ended in.
        assert_eq!((lines.len(), lines[0].actor_name.as_str()), (2, AUTHOR));

        // A log that was tampered with ends the run, and lies there until somebody has looked.
        let mut tx = db.begin().await.unwrap();
        crate::run_tx!(tx, sqlx::query("UPDATE audit_line SET thing_name = 'x' WHERE seq = 1")).unwrap();
        tx.commit().await.unwrap();
        let broken = floor.ended(floor.start("house-keeping", json!({})).await).await;
        assert!(broken.run.error.unwrap().contains("The audit log does not hold: line 1"));
        assert!(broken.dead.is_some());

        // Whoever makes it their own keeps it.
        let mine = "name: house-keeping\nsteps:\n  a: {rule: {set: {x: '1'}}}\n";
        apply(&db, &floor, mine).await;
        apply_built_in(&workflows, &floor.world).await.unwrap();
        assert_eq!(workflows.open(&floor.act(), "house-keeping", None).await.unwrap().version.source, mine);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_cannot_be_read_keeps_no_other_from_starting() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        apply(&db, &floor, &nightly("")).await;
        apply(&db, &floor, &nightly("").replace("name: nightly", "name: other").replace("0 3", "5 3")).await;
        let mut tx = db.begin().await.unwrap();
        let broken = "UPDATE schedule SET input = '{' WHERE cron = '0 3 * * *'";
        crate::run_tx!(tx, sqlx::query(broken)).unwrap();
        tx.commit().await.unwrap();
        floor.world.advance(TimeDelta::days(1));
        while floor.runs.start_due(&floor.world, floor.world.now()).await.unwrap() {}
        assert!(runs_of(&floor, "nightly").await.is_empty());
        assert_eq!(runs_of(&floor, "other").await.len(), 1);
        let all = Schedules::new(db.clone()).list(&floor.act()).await.unwrap();
        let broken = all.iter().find(|row| row.workflow.as_str() == "nightly").unwrap();
        assert!(broken.last_error.contains("cannot be read"), "{broken:?}");
        assert!(broken.next_at > floor.world.now(), "it is to be tried again at its next moment");
    })
    .await;
}

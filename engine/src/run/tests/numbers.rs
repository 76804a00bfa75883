use chrono::{DateTime, TimeDelta, Utc};
use domain::run::AttemptState;

use super::leases::claim;
use super::ledger::{Entry, Ledger, Then};
use super::recover::recover;
use super::store::{Attempt, DeadLetter, Lease};
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

/// Every figure of a day, against what is known to have happened.
#[tokio::test]
async fn every_figure_is_what_has_happened_and_belongs_to_its_hour() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let ledger = Ledger::open(db.clone(), floor.world.clone(), "w".to_owned());
        // Ten minutes before the hour is full, and ten after it.
        let hour = TimeDelta::hours(1);
        let full = chrono::DurationRound::duration_trunc(floor.world.now(), hour).unwrap() + hour;
        floor.world.advance(full - floor.world.now() - TimeDelta::minutes(10));
        for (n, gives_up) in [false, true].into_iter().enumerate() {
            let run = floor.start("chain", json!({ "n": n })).await;
            let claimed = claim(&floor, "w").await;
            let workflow = floor.whole(run).await.run.workflow_id;
            let created_at = floor.world.now();
            let one = |number: i64, state, waited: i64, took: i64, cost| {
                let due_at = floor.world.now();
                let started_at = due_at + TimeDelta::milliseconds(waited);
                Attempt {
                    run_id: run,
                    step: domain::workflow::StepName::parse("one").unwrap(),
                    number,
                    state,
                    output: None,
                    confidence: None,
                    error: None,
                    detail: None,
                    cost: Some(cost),
                    worker: "w".to_owned(),
                    lease_epoch: 1,
                    due_at,
                    started_at,
                    finished_at: started_at + TimeDelta::milliseconds(took),
                    retry_at: (number == 1).then_some(due_at),
                    superseded: false,
                }
            };
            let attempts = vec![
                one(1, AttemptState::Failed, 100, 1_000, 7),
                one(2, if gives_up { AttemptState::Failed } else { AttemptState::Success }, 300, 3_000, 5),
            ];
            floor.world.advance(TimeDelta::seconds(10));
            let at: DateTime<Utc> = floor.world.now();
            let letter = DeadLetter {
                step: "one".to_owned(),
                ..DeadLetter::between_steps(run, workflow, "no more".to_owned(), at)
            };
            let then = Then::End {
                state: if gives_up { RunState::Failed } else { RunState::Success },
                output: None,
                error: None,
                dead: gives_up.then_some(letter),
            };
            let lease = Lease { run_id: run, lease_epoch: claimed[0].lease_epoch };
            let entry = Entry { attempts, ..Entry::new(lease, workflow, created_at, then) };
            ledger.write(entry).await.unwrap();
            floor.world.advance(TimeDelta::minutes(20));
        }
        let name = domain::workflow::WorkflowName::parse("chain").unwrap();
        let of = async |hours| floor.runs.numbers(&floor.act(), &name, hours).await.unwrap().unwrap();
        let near = |found: Option<i64>, millis: i64| {
            let found = found.unwrap();
            assert!((found - millis * 1_000).abs() * 20 <= millis * 1_000, "{found} is not {millis} ms");
        };
        let both = of(2).await;
        assert_eq!((both.success, both.failed, both.dead, both.cost), (1, 1, 1, 24), "{both:?}");
        near(both.took.p50, 10_000);
        let step = both.steps.iter().find(|step| step.step == "one").unwrap();
        assert_eq!(
            (step.success, step.failed, step.retried, step.dead, step.cost),
            (1, 3, 2, 1, 24),
            "{step:?}"
        );
        near(step.waited.p50, 100);
        near(step.waited.p95, 300);
        near(step.waited.p99, 300);
        near(step.took.p50, 1_000);
        near(step.took.p99, 3_000);
        let last = of(1).await;
        assert_eq!((last.success, last.failed, last.dead, last.cost), (0, 1, 1, 12), "{last:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_comes_too_late_is_dropped_and_counted() {
    on_both(async |db| {
        let service = calls::Service::that(&[calls::Says::TooLate]).await;
        let floor = Floor::new(&db, World::Real).await;
        let source = format!(
            "name: slow\nsteps:\n  ask: {{http: {{method: POST, url: 'http://{}/x'}}, timeout: 20s}}",
            service.address
        );
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let run = floor.start("slow", json!({})).await;
        // So long that it does not notice by itself before the answer comes.
        let pool = floor.pool_leasing("slow", Duration::from_mins(2));
        while floor.whole(run).await.run.state != RunState::Running || service.times().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Somebody else has it meanwhile: its lease is taken for lost, and another one claims it.
        crate::testing::run(&db, "UPDATE task SET lease_until = run_at").await;
        assert_eq!(recover(&db, &floor.world).await.unwrap(), 1);
        claim(&floor, "other").await;
        let name = domain::workflow::WorkflowName::parse("slow").unwrap();
        let mut stale = 0;
        for _ in 0..3_000 {
            stale = floor.runs.numbers(&floor.act(), &name, 2).await.unwrap().unwrap().stale;
            if stale > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(stale, 1);
        assert!(floor.whole(run).await.attempts.is_empty(), "and nothing of it was written");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

//! Whoever fails again and again is left alone; whoever has used up what they may ask no more.

use chrono::TimeDelta;
use domain::ids::WorkflowId;
use domain::run::{DeadReason, TRIPS_AFTER};
use stand_in::Manners;

use super::calls::{Says, Service};
use super::*;
use crate::gate::{Gate, Gates, Heard, Wish};
use crate::run::clock::Clock;
use crate::shelf::Shelves;

fn asking(address: std::net::SocketAddr, more: &str) -> String {
    format!(
        "
name: ask
{more}
  ask:
    http: {{url: 'http://{address}/x', set: {{total: response.body.total}}}}
    retry: {{attempts: 3, first: 5ms}}
output: {{total: steps.ask.total}}
"
    )
}

fn wish(dependency: &str) -> Wish {
    Wish { dependency: dependency.to_owned(), workflow: WorkflowId(uuid::Uuid::nil()), per_day: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_all_fail_the_same_way_open_the_breaker_and_make_no_storm() {
    const RUNS: usize = 200;
    on_both(async |db| {
        let service = Service::that(&[Says::Status(500)]).await;
        let floor = Floor::new(&db, World::Real).await;
        let source = asking(service.address, "steps:");
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let items = (0..RUNS).map(|_| item("ask", json!({}))).collect();
        let runs: Vec<_> = floor
            .runs
            .start(&floor.act(), items, true)
            .await
            .unwrap()
            .into_iter()
            .map(|run| run.unwrap().id)
            .collect();
        let pool = floor.pool("w");
        let waits = async |all: usize| {
            for _ in 0..1_000 {
                let queues = floor.runs.queues(&floor.act()).await.unwrap();
                if queues.waiting.iter().map(|waiting| waiting.later).sum::<i64>()
                    >= i64::try_from(all).unwrap()
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("the runs do not wait");
        };
        waits(RUNS).await;
        // Those who were asking when it opened, and no more: not 200 times three tries.
        let asked: usize = service.times().iter().sum();
        assert!(asked <= usize::try_from(TRIPS_AFTER).unwrap() + 8, "{asked} requests");
        let gates = Gates::new(db.clone());
        let troubled = gates.troubled(&floor.act()).await.unwrap();
        assert_eq!(troubled.len(), 1);
        assert_eq!(troubled[0].dependency, format!("host:{}", service.address));
        assert!(troubled[0].open_until.is_some() && !troubled[0].last_error.is_empty());
        let held = floor.whole(*runs.last().unwrap()).await;
        assert_eq!(held.run.state, RunState::Pending);
        assert!(held.events.iter().any(|event| event.kind == "held" && event.detail.contains("left alone")));
        assert!(held.attempts.len() <= 2, "not to be asked is no try");

        // However often they come back in vain, they say so once.
        let due_now = async || {
            let now = floor.act().at;
            let mut tx = db.begin().await.unwrap();
            crate::run_tx!(tx, sqlx::query("UPDATE task SET run_at = $1").bind(now)).unwrap();
            tx.commit().await.unwrap();
        };
        due_now().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        waits(RUNS).await;
        for run in runs.iter().rev().take(20) {
            let whole = floor.whole(*run).await;
            let held = whole.events.iter().filter(|event| event.kind == "held").count();
            assert!(held <= 1, "{:?}", whole.events);
        }

        // It is well again, and somebody says so: all of them end, each having been asked as often as it may.
        service.says_from_now_on(Says::Fine);
        gates.close(&floor.act(), &troubled[0].dependency).await.unwrap();
        assert!(gates.close(&floor.act(), "host:other").await.is_err());
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        due_now().await;
        for run in &runs {
            assert_eq!(floor.ended(*run).await.run.state, RunState::Success);
        }
        assert!(gates.troubled(&floor.act()).await.unwrap().is_empty());
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_does_not_wait_goes_to_its_fallback_at_once() {
    on_both(async |db| {
        let service = Service::that(&[Says::Status(503)]).await;
        let floor = Floor::new(&db, World::Real).await;
        let source = asking(service.address, "steps:\n  guess: {rule: {set: {total: '7'}}}")
            .replace("    retry:", "    unavailable: fail\n    fallback: guess\n    retry:");
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let pool = floor.pool("w");
        let mut requests = 0;
        for _ in 0..6 {
            let whole = floor.ended(floor.start("ask", json!({})).await).await;
            assert_eq!(whole.run.output.as_deref(), Some(r#"{"total":7}"#));
            requests = service.times().iter().sum();
        }
        let whole = floor.ended(floor.start("ask", json!({})).await).await;
        assert_eq!(service.times().iter().sum::<usize>(), requests, "it is left alone");
        assert!(
            whole.attempts[0].error.as_deref().unwrap().contains("left alone"),
            "{:?}",
            whole.attempts[0]
        );
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_breaker_is_shared_and_lets_one_in_to_see() {
    on_both(async |db| {
        let world = staged_world();
        let gate = || Gate::new(db.clone(), world.clone(), Clock::new(world.clone()));
        let (here, wish, other) = (gate(), wish("host:x"), wish("host:y"));
        for _ in 0..TRIPS_AFTER {
            here.enter(&wish).await.unwrap();
            here.left(&wish, Heard::Trouble("It answers with an error."), None).await;
        }
        let there = gate();
        let closed = there.enter(&wish).await.unwrap_err();
        assert!(closed.because.contains("The service at x"), "{closed:?}");
        assert!(closed.until >= world.now() + TimeDelta::seconds(10));
        there.enter(&other).await.unwrap();
        world.advance(TimeDelta::seconds(11));
        // Both would see; the database chooses one.
        let (one, other) = (here.enter(&wish).await, there.enter(&wish).await);
        assert!(one.is_ok() && other.is_err(), "{one:?} {other:?}");
        here.left(&wish, Heard::Well, None).await;
        gate().enter(&wish).await.unwrap();
        assert!(Gates::new(db.clone()).troubled(&floor_act(&world)).await.unwrap().is_empty());
    })
    .await;
}

fn floor_act(world: &World) -> Act {
    Act::new(world, Actor::System("test"), "r")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_asks_no_more_often_than_it_may() {
    on_both(async |db| {
        let service = Service::that(&[Says::Html]).await;
        let floor = Floor::new(&db, World::Real).await;
        let source =
            asking(service.address, "budget: {attempts: 2}\nsteps:").replace("attempts: 3", "attempts: 9");
        Workflows::new(db.clone()).apply(&floor.act(), &source, None).await.unwrap();
        let pool = floor.pool("w");
        let run = floor.start("ask", json!({})).await;
        let whole = floor.ended(run).await;
        assert_eq!(service.times().iter().sum::<usize>(), 2);
        assert_eq!(whole.dead.unwrap().reason, DeadReason::Faulty);
        assert!(whole.run.error.unwrap().contains("asked 2 times, which is all this run may"));
        // What was skipped has asked nobody.
        let skips = asking(
            service.address,
            "budget: {attempts: 1}\nsteps:\n  not: {when: 'false', http: {url: 'http://127.0.0.1:9/'}}",
        );
        let skips = skips.replace("name: ask", "name: skips");
        service.says_from_now_on(Says::Fine);
        Workflows::new(db.clone()).apply(&floor.act(), &skips, None).await.unwrap();
        let whole = floor.ended(floor.start("skips", json!({})).await).await;
        assert_eq!(whole.run.error, None);
        // Somebody has it tried again: what failed counts no more.
        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        assert_eq!(floor.ended(run).await.run.state, RunState::Success);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_too_long_is_given_up_until_somebody_has_it_tried_again() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let source = "
name: rest
slo: 10ms
budget: {time: 150ms}
steps:
  sleep: {wait: {for: 300ms}}
  done: {needs: sleep, rule: {set: {x: '1'}}}
";
        Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
        let pool = floor.pool("w");
        let run = floor.start("rest", json!({})).await;
        let whole = floor.ended(run).await;
        assert!(
            whole.run.error.as_deref().unwrap().contains("not come to an end within 150ms"),
            "{:?}",
            whole.run.error
        );
        assert!(
            (whole.run.finished_at.unwrap() - whole.run.created_at).num_milliseconds() < 290,
            "it waited it out"
        );
        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        assert_eq!(floor.ended(run).await.run.state, RunState::Success);
        let name = domain::workflow::WorkflowName::parse("rest").unwrap();
        let numbers = floor.runs.numbers(&floor.act(), &name, 24).await.unwrap().unwrap();
        assert_eq!(numbers.late, 2, "each ending later than it should is counted");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_cost_no_more_than_they_may_by_run_and_by_day() {
    on_both(async |db| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(stand_in::serve(listener, Manners::default()));
        let floor = Floor::new(&db, World::Real).await;
        let shelves = Shelves::new(&db);
        let card = format!("{{model: m, api: openai, url: 'http://{address}/v1', id: stand-in, price: {{input: 1000, output: 1000}}}}");
        let workflow = |name: &str, budget: &str| {
            format!(
                "
name: {name}
budget: {budget}
steps:
  one: {{llm: {{model: m, prompt: p, with: {{text: input.text}}}}, unavailable: fail}}
  two: {{needs: one, llm: {{model: m, prompt: p, with: {{text: input.text}}}}, unavailable: fail}}
"
            )
        };
        let sources = [card, "{prompt: p, user: '{{ text }}'}".to_owned(), workflow("by-run", "{cost: 0.001}"), workflow("by-day", "{cost_per_day: 0.001}")];
        for source in &sources {
            shelves.apply(&floor.act(), source, None).await.unwrap();
        }
        let pool = floor.pool("w");
        for (name, word) in [("by-run", "have cost as much as they may"), ("by-day", "cost on a day is spent")] {
            let whole = floor.ended(floor.start(name, json!({ "text": "Hello there." })).await).await;
            assert_eq!(tried(&whole), [("one".to_owned(), 1, "success"), ("two".to_owned(), 1, "failed")], "{name}");
            assert!(whole.run.error.as_deref().unwrap().contains(word), "{name}: {:?}", whole.run.error);
        }
        let name = domain::workflow::WorkflowName::parse("by-day").unwrap();
        let id = crate::workflow::named(&db, &name).await.unwrap().unwrap().id;
        let gates = Gates::new(db.clone());
        assert!(gates.spent_today(&floor.act(), id).await.unwrap() >= 1_000, "what was spent can be seen");
        let mut tomorrow = floor.act();
        let budgets = gates.budgets(&floor.act()).await.unwrap();
        assert_eq!(budgets.iter().map(|it| (it.workflow.as_str(), it.is_spent())).collect::<Vec<_>>(), [("by-day", true)]);
        tomorrow.at += TimeDelta::days(1);
        assert_eq!(gates.spent_today(&tomorrow, id).await.unwrap(), 0);
        // Another run of that day asks nobody; one of the other workflow does.
        let next = floor.ended(floor.start("by-day", json!({ "text": "Hello." })).await).await;
        assert_eq!(tried(&next), [("one".to_owned(), 1, "failed")]);
        let other = floor.ended(floor.start("by-run", json!({ "text": "Hello." })).await).await;
        assert_eq!(tried(&other)[0].2, "success");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_costs_that_a_run_did_not_wait_for_is_counted() {
    on_both(async |db| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let manners = Manners { delay: Duration::from_millis(300), ..Manners::default() };
        tokio::spawn(stand_in::serve(listener, manners));
        let floor = Floor::new(&db, World::Real).await;
        let sources = [
            format!("{{model: m, api: openai, url: 'http://{address}/v1', id: stand-in, price: {{input: 1000, output: 1000}}}}"),
            "{prompt: p, user: '{{ text }}'}".to_owned(),
            "
name: impatient
steps:
  ask: {llm: {model: m, prompt: p, with: {text: input.text}}}
  wait: {wait: {for: 50ms}}
  judge: {needs: wait, rule: {reject: {when: 'true', because: No.}}}
"
            .to_owned(),
        ];
        for source in &sources {
            Shelves::new(&db).apply(&floor.act(), source, None).await.unwrap();
        }
        let pool = floor.pool("w");
        let whole = floor.ended(floor.start("impatient", json!({ "text": "Hello there." })).await).await;
        assert_eq!(tried(&whole).len(), 2, "it did not wait for the model: {:?}", tried(&whole));
        let name = domain::workflow::WorkflowName::parse("impatient").unwrap();
        let cost = async || floor.runs.numbers(&floor.act(), &name, 24).await.unwrap().unwrap().cost;
        let costs_more_than = async |before: i64| {
            for _ in 0..200 {
                if cost().await > before {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("what the model has cost was not counted");
        };
        costs_more_than(0).await;
        // Nor does one that is cancelled meanwhile.
        let before = cost().await;
        let run = floor.start("impatient", json!({ "text": "Good-bye." })).await;
        while floor.whole(run).await.run.state == RunState::Pending {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        floor.runs.cancel(&floor.act(), run).await.unwrap();
        costs_more_than(before).await;
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

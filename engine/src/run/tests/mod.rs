//! Runs on both databases: the rules of the engine, each with what happens if it is broken.

mod calls;
mod clocks;
mod demand;
mod errands;
mod gates;
mod leases;
mod manage;
mod maps;
mod models;
mod moving;
mod numbers;
mod pauses;
mod pools;
mod reviews;
mod schedules;
mod start;
mod sweeps;
mod waits;
mod webhooks;

use std::time::Duration;

use domain::run::RunState;
use serde_json::{Value, json};

use super::*;
use crate::act::{Act, Actor};
use crate::outbound::{Outbound, Secrets};
use crate::testing::{on_both, staged_world};
use crate::workflow::Workflows;
use crate::world::World;

const CHAIN: &str = "
name: chain
steps:
  one: {rule: {set: {n: input.n + 1}}}
  two: {needs: one, rule: {set: {n: steps.one.n + 1}}}
  three: {needs: two, rule: {set: {n: steps.two.n * 2}}}
output: {n: steps.three.n}
";

const CHOOSY: &str = "
name: choosy
input: {type: object, required: [n], properties: {n: {type: integer}}}
steps:
  check: {rule: {reject: {when: input.n < 0, because: Too small.}, set: {half: 100 / input.n}}}
  odd: {needs: check, when: input.n % 2 == 1, rule: {set: {x: '1'}}}
  even: {needs: check, when: input.n % 2 == 0, rule: {set: {x: '2'}}}
  last: {needs: [odd, even], rule: {set: {x: 'steps.odd != null ? steps.odd.x : steps.even.x'}}}
output: {x: steps.last.x}
";

/// Runs over a database, with two workflows applied.
struct Floor {
    runs: Runs,
    world: World,
}

impl Floor {
    async fn new(db: &Db, world: World) -> Self {
        let workflows = Workflows::new(db.clone());
        for source in [CHAIN, CHOOSY] {
            workflows.apply(&Act::new(&world, Actor::System("test"), "r"), source, None).await.unwrap();
        }
        Self { runs: Runs::new(db.clone()), world }
    }

    fn act(&self) -> Act {
        Act::new(&self.world, Actor::System("test"), "r")
    }

    async fn start(&self, workflow: &str, input: Value) -> domain::ids::RunId {
        let all = self.runs.start(&self.act(), vec![item(workflow, input)], false).await.unwrap();
        all.into_iter().next().unwrap().unwrap().id
    }

    fn pool(&self, name: &str) -> Pool {
        self.pool_leasing(name, Duration::from_secs(30))
    }

    fn pool_leasing(&self, name: &str, lease: Duration) -> Pool {
        let secrets = Secrets::new([("token".to_owned(), "hunter2".to_owned())]);
        let outbound = Outbound::new(&["127.0.0.1".to_owned()], secrets).unwrap();
        Pool::start(&self.runs, &self.world, outbound, PoolOptions { name: name.to_owned(), slots: 8, lease })
    }

    async fn whole(&self, id: domain::ids::RunId) -> Whole {
        self.runs.open(&self.act(), id).await.unwrap()
    }

    /// A run that waits is not claimed again and again.
    async fn is_left_alone(&self, id: domain::ids::RunId) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = self.epoch(id).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(self.epoch(id).await, before, "it was claimed although nothing has happened");
    }

    async fn epoch(&self, id: domain::ids::RunId) -> i64 {
        let db = &self.runs.db;
        crate::on_db!(db, c => sqlx::query_scalar("SELECT lease_epoch FROM task WHERE run_id = $1")
            .bind(id).fetch_one(c).await)
        .unwrap()
    }

    /// Waits until a run has ended. One that was left alone with others comes back up to twenty seconds later.
    async fn ended(&self, id: domain::ids::RunId) -> Whole {
        for _ in 0..8_000 {
            let whole = self.whole(id).await;
            if whole.run.state.is_final() {
                return whole;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the run has not ended: {:?}", self.whole(id).await);
    }
}

fn item(workflow: &str, input: Value) -> Start {
    Start { workflow: workflow.to_owned(), input, project: None, key: None }
}

fn keyed(key: &str, n: i64) -> Start {
    Start { key: Some(key.to_owned()), ..item("chain", json!({ "n": n })) }
}

fn tried(whole: &Whole) -> Vec<(String, i64, &'static str)> {
    whole
        .attempts
        .iter()
        .map(|attempt| (attempt.step.to_string(), attempt.number, attempt.state.word()))
        .collect()
}

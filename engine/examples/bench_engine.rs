//! What the engine does in a second on SQLite with FULL sync and, if `COUNTERSIGN_BENCH_POSTGRES` names an empty
//! database of a PostgreSQL with fsync on, there too: steps of runs of five steps that each pass 256 bytes on, one after
//! another and each kept before the next begins; a backlog of runs of one step; how long a run waits that comes while
//! nothing else is to be done; how many runs can be taken in. Beside them what the same machine writes in plain batches.
//! Prints one JSON object. Run it with `cargo xtask bench engine`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot measure should stop")]

mod databases;
mod disk;

use std::time::{Duration, Instant};

use domain::ids::RunId;
use domain::run::RunState;
use engine::act::{Act, Actor};
use engine::db::Db;
use engine::outbound::{Outbound, Secrets};
use engine::run::{Pool, PoolOptions, Runs, Start, Wanted};
use engine::workflow::Workflows;
use engine::world::World;
use engine::{on_db, run_tx};
use serde_json::{Value, json};

const FIVE: &str = "
name: five
steps:
  a: {rule: {set: {payload: input.payload}}}
  b: {needs: a, rule: {set: {payload: steps.a.payload}}}
  c: {needs: b, rule: {set: {payload: steps.b.payload}}}
  d: {needs: c, rule: {set: {payload: steps.c.payload}}}
  e: {needs: d, rule: {set: {payload: steps.d.payload}}}
";
const ONE: &str = "
name: one
steps:
  a: {rule: {set: {payload: input.payload}}}
";

const FIVE_STEP_RUNS: usize = 6_000;
const BACKLOG: usize = 20_000;
const INGEST: usize = 100_000;
const SINGLE: usize = 300;
/// How many runs one call brings.
const AT_ONCE: usize = 1_000;
const SLOTS: usize = 256;

struct Bench {
    db: Db,
    runs: Runs,
    act: Act,
}

impl Bench {
    async fn new(db: Db) -> Self {
        let act = Act::new(&World::Real, Actor::System("bench"), "bench");
        let workflows = Workflows::new(db.clone());
        for source in [FIVE, ONE] {
            workflows.apply(&act, source, None).await.expect("a definition is applied");
        }
        Self { runs: Runs::new(db.clone()), db, act }
    }

    async fn start(&self, workflow: &str, count: usize) -> Vec<RunId> {
        let item = || Start { workflow: workflow.to_owned(), input: payload(), project: None, key: None };
        let mut all = Vec::with_capacity(count);
        for from in (0..count).step_by(AT_ONCE) {
            let items = (from..count.min(from + AT_ONCE)).map(|_| item()).collect();
            let started = self.runs.start(&self.act, items, false).await.expect("runs are started");
            all.extend(started.into_iter().map(|one| one.expect("a run is started").id));
        }
        all
    }

    fn pool(&self) -> Pool {
        let options = PoolOptions { name: "bench".to_owned(), slots: SLOTS, lease: Duration::from_secs(30) };
        let outbound = Outbound::new(&[], Secrets::default()).expect("calls can be made");
        Pool::start(&self.runs, &World::Real, outbound, options)
    }

    /// Waits until nothing is to be done any more.
    async fn done(&self) {
        while self.left().await > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let failed = Wanted { state: Some(RunState::Failed), ..Wanted::default() };
        let failed = self.runs.list(&self.act, &failed, None, 1).await.expect("runs are listed");
        assert!(failed.rows.is_empty(), "a run failed: {:?}", failed.rows);
    }

    async fn left(&self) -> i64 {
        on_db!(&self.db, c => sqlx::query_scalar("SELECT COUNT(*) FROM (SELECT 1 FROM task LIMIT 1) AS t").fetch_one(c).await)
            .expect("tasks are counted")
    }

    async fn measure(&self) -> Value {
        let ingested = Instant::now();
        let ids = self.start("one", INGEST).await;
        let ingest = rate(ids.len(), ingested);
        self.clear().await;

        self.start("five", FIVE_STEP_RUNS).await;
        let since = Instant::now();
        let pool = self.pool();
        self.done().await;
        let steps = rate(FIVE_STEP_RUNS * 5, since);
        pool.stop(Duration::from_secs(10)).await;

        self.start("one", BACKLOG).await;
        let since = Instant::now();
        let pool = self.pool();
        self.done().await;
        let burn_down = rate(BACKLOG, since);

        let waits = self.idle_to_start().await;
        pool.stop(Duration::from_secs(10)).await;
        let limit = self.limit().await;
        json!({
            "steps_per_s": whole(steps),
            "burn_down_per_s": whole(burn_down),
            "enqueue_to_start_p50_ms": at(&waits, 50),
            "p99_ms": at(&waits, 99),
            "limit_rows_per_s": whole(limit),
            "ratio_to_limit": (steps / limit * 100.0).round() / 100.0,
            "ingest_per_s": whole(ingest),
        })
    }

    /// How long each of some runs waited that came one by one, in milliseconds.
    async fn idle_to_start(&self) -> Vec<f64> {
        let mut waits = Vec::with_capacity(SINGLE);
        for _ in 0..SINGLE {
            let id = self.start("one", 1).await.remove(0);
            self.done().await;
            let whole = self.runs.open(&self.act, id).await.expect("a run is opened");
            let began = whole.attempts.first().expect("it was tried").started_at;
            waits.push((began - whole.run.created_at).as_seconds_f64() * 1000.0);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        waits.sort_by(f64::total_cmp);
        waits
    }

    /// Rows of the same weight in plain batches, each a transaction.
    async fn limit(&self) -> f64 {
        let payload = payload().to_string();
        let row = |row: usize| format!("(${0}, ${0}, $2, 'limit', '', $1)", row + 3);
        let sql = format!(
            "INSERT INTO run_event (run_id, id, at, kind, actor_name, detail) VALUES {}",
            (0..SLOTS).map(row).collect::<Vec<_>>().join(", ")
        );
        let since = Instant::now();
        let mut rows = 0_usize;
        while since.elapsed() < Duration::from_secs(3) {
            let mut tx = self.db.begin().await.expect("begin");
            let ids: Vec<_> = (0..SLOTS).map(|_| World::Real.id()).collect();
            run_tx!(
                tx,
                ids.iter().fold(sqlx::query(&sql).bind(&payload).bind(World::Real.now()), |query, id| query
                    .bind(*id))
            )
            .expect("rows are written");
            tx.commit().await.expect("commit");
            rows += SLOTS;
        }
        rate(rows, since)
    }

    /// Away with what is not to be worked on.
    async fn clear(&self) {
        let mut tx = self.db.begin().await.expect("begin");
        run_tx!(tx, sqlx::query("DELETE FROM task")).expect("tasks are deleted");
        run_tx!(tx, sqlx::query("UPDATE run SET state = 'cancelled'")).expect("runs are cancelled");
        tx.commit().await.expect("commit");
    }
}

fn payload() -> Value {
    json!({ "payload": "x".repeat(256) })
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
fn rate(count: usize, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}

fn whole(number: f64) -> Value {
    serde_json::from_str(&format!("{number:.0}")).expect("a number")
}

fn at(sorted: &[f64], percent: usize) -> f64 {
    let value = sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default();
    (value * 100.0).round() / 100.0
}

#[tokio::main]
async fn main() {
    println!("{}", databases::on_each(async |db| Bench::new(db).await.measure().await).await);
}

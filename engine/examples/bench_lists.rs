//! How long the lists of a large house take: a million runs of ten workflows, of which a hundred thousand wait for people and
//! a few failed long ago, on SQLite and, if `COUNTERSIGN_BENCH_POSTGRES` names an empty database, there too. Each list is asked
//! for again and again; of each, the middle and the worst of its times, in milliseconds. Prints one JSON object. Run it with
//! `cargo xtask bench lists`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot measure should stop")]

mod databases;
mod disk;

use std::time::Instant;

use domain::ids::{ReviewId, RunId};
use domain::project::ProjectCode;
use domain::review::{Level, ReviewState, Trigger};
use domain::run::{RunState, Sweep};
use domain::workflow::WorkflowName;
use engine::act::{Act, Actor};
use engine::db::Db;
use engine::mail::Mailer;
use engine::people::{Hasher, People, Policy};
use engine::project::{Draft, Projects};
use engine::review::{Reviews, Sought};
use engine::run::{Runs, Start, Wanted};
use engine::seal::Seal;
use engine::workflow::Workflows;
use engine::world::World;
use engine::{on_db, run_tx};
use serde_json::{Map, Value, json};

const RUNS: usize = 1_000_000;
const WORKFLOWS: usize = 10;
const AT_ONCE: usize = 2_000;
const TIMES: usize = 15;
const PAGE: usize = 50;

struct House {
    db: Db,
    runs: Runs,
    reviews: Reviews,
    act: Act,
}

impl House {
    async fn filled(db: Db) -> Self {
        let act = Act::new(&World::Real, Actor::System("bench"), "bench");
        let runs = Runs::new(db.clone());
        let house = Self { reviews: Reviews::new(db.clone(), runs.clone()), runs, db, act };
        house.fill().await;
        house
    }

    async fn fill(&self) {
        for n in 0..WORKFLOWS {
            let source = format!(
                "name: flow-{n}\nsteps:\n  one: {{rule: {{set: {{n: input.n}}}}}}\n  look: {{needs: one, review: {{of: one, within: 8h, otherwise: fail}}}}\n"
            );
            Workflows::new(self.db.clone()).apply(&self.act, &source, None).await.expect("applied");
        }
        let seal = Seal::from_hex(&"7a".repeat(32)).expect("a key");
        let policy = Policy { base_url: String::new(), require_two_step: false };
        let people = People::new(self.db.clone(), Hasher::new(1), seal, Mailer::Off, policy);
        let projects = Projects::new(self.db.clone(), people);
        for code in ["ONE", "TWO"] {
            let text = str::to_owned;
            let draft = Draft {
                code: text(code),
                name: text(code),
                client: text("x"),
                currency: text("EUR"),
                ..Draft::default()
            };
            projects.make(&self.act, &draft).await.expect("a project");
        }
        for from in (0..RUNS).step_by(AT_ONCE) {
            let items = (from..from + AT_ONCE).map(item).collect();
            self.runs.start(&self.act, items, false).await.expect("runs are started");
        }
        // As if nearly all had gone their way: a tenth waits for people, and a few of the oldest failed.
        let mut tx = self.db.begin().await.expect("begin");
        for sql in [
            "UPDATE run SET state = 'success' WHERE key NOT LIKE '%7'",
            "UPDATE run SET state = 'needs_review' WHERE key LIKE '%7'",
            "UPDATE run SET state = 'failed', error = 'It went wrong.' WHERE key IN ('key-11', 'key-12', 'key-13')",
            "DELETE FROM task WHERE run_id IN (SELECT id FROM run WHERE state <> 'needs_review')",
            "INSERT INTO review (id, run_id, step, workflow_id, state, level, trigger, grounds, opened_at, due_at) \
             SELECT id, id, 'look', workflow_id, CASE WHEN state = 'needs_review' THEN 'open' ELSE 'decided' END, 'reviewers', \
             'always', '[]', created_at, created_at FROM run",
        ] {
            run_tx!(tx, sqlx::query(sql)).expect(sql);
        }
        tx.commit().await.expect("commit");
        let mut tx = self.db.begin().await.expect("begin");
        run_tx!(tx, sqlx::query("ANALYZE")).expect("analysed");
        tx.commit().await.expect("commit");
    }

    async fn measure(&self) -> Value {
        let middle: RunId = on_db!(&self.db, c => sqlx::query_scalar("SELECT id FROM run WHERE key = 'key-500000'").fetch_one(c).await)
            .expect("a run in the middle");
        let mut all = Map::new();
        let flow = WorkflowName::parse("flow-3").ok();
        let project = ProjectCode::parse("ONE").ok();
        let text = |text: &str| Some(text.to_owned());
        let wanted = [
            ("runs", Wanted::default(), None),
            ("runs_deep", Wanted::default(), Some(middle)),
            ("runs_of_workflow", Wanted { workflow: flow.clone(), ..Wanted::default() }, None),
            ("runs_of_workflow_deep", Wanted { workflow: flow.clone(), ..Wanted::default() }, Some(middle)),
            ("runs_in_rare_state", Wanted { state: Some(RunState::Failed), ..Wanted::default() }, None),
            ("runs_of_project", Wanted { project: project.clone(), ..Wanted::default() }, None),
            (
                "runs_of_project_in_rare_state",
                Wanted { project: project.clone(), state: Some(RunState::Failed), ..Wanted::default() },
                None,
            ),
            (
                "runs_of_project_and_workflow",
                Wanted { project, workflow: flow.clone(), ..Wanted::default() },
                None,
            ),
            ("runs_by_key", Wanted { key: text("key-123456"), ..Wanted::default() }, None),
            ("runs_with_text", Wanted { text: text("payload"), ..Wanted::default() }, None),
            ("runs_without_text", Wanted { text: text("nothing like it"), ..Wanted::default() }, None),
        ];
        for (name, wanted, before) in wanted {
            let times = times(async || {
                self.runs.list(&self.act, &wanted, before, PAGE).await.expect(name);
            });
            all.insert(name.to_owned(), times.await);
        }
        let sought = [
            ("reviews", Sought::default(), None),
            ("reviews_deep", Sought::default(), Some(())),
            ("reviews_of_workflow", Sought { workflow: flow, ..Sought::default() }, None),
            ("reviews_of_level", Sought { level: Some(Level::Managers), ..Sought::default() }, None),
            ("reviews_by_trigger", Sought { trigger: Some(Trigger::Always), ..Sought::default() }, None),
            ("reviews_decided", Sought { state: ReviewState::Decided, ..Sought::default() }, None),
        ];
        let open_in_the_middle: ReviewId =
            on_db!(&self.db, c => sqlx::query_scalar("SELECT id FROM review WHERE run_id = (SELECT id FROM run WHERE key = 'key-500007')").fetch_one(c).await)
                .expect("a review in the middle");
        for (name, sought, deep) in sought {
            let after = deep.map(|()| open_in_the_middle);
            let times = times(async || {
                self.reviews.list(&self.act, &sought, after, PAGE).await.expect(name);
            });
            all.insert(name.to_owned(), times.await);
        }
        let queues = times(async || drop(self.runs.queues(&self.act).await.expect("queues")));
        all.insert("queues".to_owned(), queues.await);
        let open = times(async || drop(self.runs.open(&self.act, middle).await.expect("a run")));
        all.insert("one_run".to_owned(), open.await);
        let dead = times(async || {
            drop(self.runs.dead_letters(&self.act, None, None, None, PAGE).await.expect("dead"));
        });
        all.insert("dead_letters".to_owned(), dead.await);
        let sweep = times(async || {
            let _ =
                self.runs.would_sweep(&self.act, &Wanted::default(), Sweep::Cancel).await.expect("a preview");
        });
        all.insert("preview_of_a_sweep".to_owned(), sweep.await);
        Value::Object(all)
    }
}

fn item(n: usize) -> Start {
    Start {
        workflow: format!("flow-{}", n % WORKFLOWS),
        input: json!({ "n": n, "payload": "x".repeat(200) }),
        project: match n % 4 {
            0 => Some("ONE".to_owned()),
            1 => Some("TWO".to_owned()),
            _ => None,
        },
        key: Some(format!("key-{n}")),
    }
}

/// The middle and the worst.
async fn times(ask: impl AsyncFn()) -> Value {
    let mut all = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let since = Instant::now();
        ask().await;
        all.push(since.elapsed().as_secs_f64() * 1000.0);
    }
    all.sort_by(f64::total_cmp);
    let round = |value: Option<&f64>| (value.copied().unwrap_or_default() * 100.0).round() / 100.0;
    json!({ "p50_ms": round(all.get(TIMES / 2)), "max_ms": round(all.last()) })
}

#[tokio::main]
async fn main() {
    let mut all = databases::on_each(async |db| House::filled(db).await.measure().await).await;
    all["runs"] = json!(RUNS);
    println!("{all}");
}

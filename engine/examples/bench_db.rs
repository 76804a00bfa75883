//! What 64 writers of small transactions get from SQLite with FULL sync: when each commits by itself, when they share
//! commits as the product does, and beside both the machine's limit in plain batches. Prints one JSON object. Run it
//! with `cargo xtask bench db`.
//!
//! It measures twice. A CPU of a virtual machine that has nothing to do sleeps, and takes some 40 µs to wake; a small
//! transaction passes between two threads, so on a machine that does nothing else this is most of what it costs. So
//! the first figures are taken while programs of the lowest priority keep the CPUs awake, as they are on a server with
//! work to do, and those under `asleep` without.

#![expect(clippy::expect_used, reason = "a benchmark that cannot measure should stop")]

mod disk;

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use engine::db::{Db, DbError, DbOptions};
use engine::run_tx;
use tempfile::TempDir;

const WRITERS: usize = 64;
const FOR: Duration = Duration::from_secs(5);

async fn put(db: &Db, key: String) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    run_tx!(tx, sqlx::query("INSERT INTO throttle (key, horizon) VALUES ($1, 0)").bind(key))?;
    tx.commit().await
}

/// Writes small transactions from all writers at once; answers how long each took.
async fn write(db: &Db) -> Vec<Duration> {
    let end = Instant::now() + FOR;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < end {
                    let start = Instant::now();
                    put(&db, format!("{writer}-{}", took.len())).await.expect("a small transaction commits");
                    took.push(start.elapsed());
                }
                took
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.expect("a writer ends"));
    }
    all.sort_unstable();
    all
}

/// The limit: the same rows, 1,000 to a transaction, one writer.
async fn raw_batches(db: &Db) -> f64 {
    let start = Instant::now();
    let mut rows = 0;
    while start.elapsed() < FOR {
        let mut tx = db.begin().await.expect("begin");
        for _ in 0..1000 {
            let key = format!("raw-{rows}");
            run_tx!(tx, sqlx::query("INSERT INTO throttle (key, horizon) VALUES ($1, 0)").bind(key))
                .expect("insert");
            rows += 1;
        }
        tx.commit().await.expect("commit");
    }
    f64::from(rows) / start.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
fn per_s(took: &[Duration]) -> f64 {
    took.len() as f64 / FOR.as_secs_f64()
}

/// A new database whose commits stay open for others for so long.
async fn open(folder: &TempDir, name: &str, linger: Option<Duration>) -> Db {
    let mut options = DbOptions::new(format!("sqlite://{}", folder.path().join(name).display()));
    options.linger = linger.unwrap_or(options.linger);
    let db = Db::open(&options).await.expect("the database opens");
    db.migrate().await.expect("the database migrates");
    db
}

/// Everything once, as the fields of a JSON object.
async fn measure() -> String {
    let folder = disk::folder();
    let alone = write(&open(&folder, "alone.db", Some(Duration::ZERO)).await).await;
    let shared = write(&open(&folder, "shared.db", None).await).await;
    let raw = raw_batches(&open(&folder, "raw.db", None).await).await;
    let p99 = shared.get(shared.len() * 99 / 100).copied().unwrap_or_default();
    format!(
        r#""one_by_one_per_s":{:.0},"group_commit_per_s":{:.0},"ratio":{:.1},"p99_ms":{:.2},"raw_batch_rows_per_s":{:.0}"#,
        per_s(&alone),
        per_s(&shared),
        per_s(&shared) / per_s(&alone),
        p99.as_secs_f64() * 1000.0,
        raw
    )
}

/// Keeps all CPUs but one from sleeping, at the lowest priority, until dropped.
struct Awake(Vec<Child>);

impl Awake {
    fn keep() -> Self {
        let cpus = std::thread::available_parallelism().map_or(2, usize::from).max(2) - 1;
        let program = std::env::current_exe().expect("the path of this program");
        let spin = || {
            let mut nice = Command::new("nice");
            nice.args(["-n", "19"]).arg(&program).arg("spin").spawn().expect("nice runs")
        };
        Self((0..cpus).map(|_| spin()).collect())
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[tokio::main]
async fn main() {
    if std::env::args().nth(1).as_deref() == Some("spin") {
        loop {
            std::hint::spin_loop();
        }
    }
    let asleep = measure().await;
    let awake = Awake::keep();
    let busy = measure().await;
    drop(awake);
    println!(r#"{{{busy},"asleep":{{{asleep}}}}}"#);
}

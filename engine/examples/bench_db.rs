//! What a commit costs on SQLite with FULL sync, alone and shared, beside the machine's limit in plain batches.
//! Prints one JSON object. Run it with `cargo xtask bench db`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot measure should stop")]

use std::time::{Duration, Instant};

use engine::db::{Db, DbError, DbOptions};
use engine::run_tx;

const WRITERS: usize = 64;
const FOR: Duration = Duration::from_secs(5);

async fn put(db: &Db, key: String) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    run_tx!(tx, sqlx::query("INSERT INTO throttle (key, horizon) VALUES ($1, 0)").bind(key))?;
    tx.commit().await
}

/// Writes small transactions from so many tasks at once; answers how long each took.
async fn write(db: &Db, name: &str, writers: usize) -> Vec<Duration> {
    let end = Instant::now() + FOR;
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (db, name) = (db.clone(), name.to_owned());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < end {
                    let start = Instant::now();
                    put(&db, format!("{name}-{writer}-{}", took.len()))
                        .await
                        .expect("a small transaction commits");
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

#[tokio::main]
async fn main() {
    // Beside the build, not in a temporary folder: that one is often in memory, where fsync costs nothing.
    let folder = tempfile::tempdir_in(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")).expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    let db = Db::open(&DbOptions::new(url)).await.expect("the database opens");
    db.migrate().await.expect("the database migrates");

    let alone = write(&db, "one", 1).await;
    let shared = write(&db, "group", WRITERS).await;
    let raw = raw_batches(&db).await;
    let p99 = shared.get(shared.len() * 99 / 100).copied().unwrap_or_default();
    println!(
        r#"{{"one_by_one_per_s":{:.0},"group_commit_per_s":{:.0},"ratio":{:.1},"p99_ms":{:.2},"raw_batch_rows_per_s":{:.0}}}"#,
        per_s(&alone),
        per_s(&shared),
        per_s(&shared) / per_s(&alone),
        p99.as_secs_f64() * 1000.0,
        raw
    );
}

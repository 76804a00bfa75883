//! The databases that benches of the engine measure on.

use engine::db::{Db, DbOptions};
use serde_json::{Value, json};

use crate::disk;

/// Measures on a new SQLite file and, if `COUNTERSIGN_BENCH_POSTGRES` names an empty database, there too.
pub async fn on_each(measure: impl AsyncFn(Db) -> Value) -> Value {
    let folder = disk::folder();
    let file = format!("sqlite://{}", folder.path().join("bench.db").display());
    let mut all = json!({ "sqlite": measure(open(file).await).await });
    if let Ok(url) = std::env::var("COUNTERSIGN_BENCH_POSTGRES") {
        all["postgres"] = measure(open(url).await).await;
    }
    all
}

async fn open(url: String) -> Db {
    let db = Db::open(&DbOptions::new(url)).await.expect("the database opens");
    db.migrate().await.expect("the database migrates");
    db
}

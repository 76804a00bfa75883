//! What the database layer promises, on both engines where both can break it.

mod faults;
mod group;
mod kill;
mod migrations;

use std::time::Duration;

use super::{Db, DbError};
use crate::{on_db, run_tx};

/// The throttle table serves as a plain table of keys here.
macro_rules! insert {
    ($key:expr) => {
        sqlx::query("INSERT INTO throttle (key, horizon) VALUES ($1, 0)").bind($key)
    };
}
use insert;

/// One small transaction.
async fn put(db: &Db, key: &str) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    run_tx!(tx, insert!(key))?;
    tx.commit().await
}

async fn keys(db: &Db) -> Vec<String> {
    on_db!(db, c => sqlx::query_scalar("SELECT key FROM throttle ORDER BY key").fetch_all(c).await).unwrap()
}

/// Rolling back happens behind the caller's back; a begin that succeeds comes after it.
async fn settle(db: &Db) {
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(db.begin().await.unwrap());
}

/// Waits until so many queue for the one writing connection.
async fn until_queued(db: &Db, many: usize) {
    let Db::Sqlite(sqlite) = db else { unreachable!("only SQLite has one writer") };
    while sqlite.writer.queued() < many {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

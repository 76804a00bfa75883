//! The processes that work on runs.

use chrono::{DateTime, Utc};

use crate::db::{Db, DbError, Tx};
use crate::{on_db, run_tx};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Worker {
    pub id: String,
    /// How many runs it works on at once.
    pub slots: i64,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    /// Until then it need not be heard of.
    pub silent_after: DateTime<Utc>,
}

/// It is here.
pub async fn note_worker(tx: &mut Tx, worker: &Worker) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO worker (id, slots, started_at, seen_at, silent_after) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, silent_after = excluded.silent_after"
        )
        .bind(&worker.id)
        .bind(worker.slots)
        .bind(worker.started_at)
        .bind(worker.seen_at)
        .bind(worker.silent_after)
    )
    .map(drop)
}

pub async fn leave(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("DELETE FROM worker WHERE id = $1").bind(id)).map(drop)
}

/// Those that should have been heard of by then. What somebody else is just forgetting, or coming back, is passed over.
pub async fn forget_workers(tx: &mut Tx, by: DateTime<Utc>) -> Result<(), DbError> {
    let sql = format!(
        "DELETE FROM worker WHERE id IN (SELECT id FROM worker WHERE silent_after < $1{})",
        tx.skip_locked()
    );
    run_tx!(*tx, sqlx::query(&sql).bind(by)).map(drop)
}

pub async fn workers(db: &Db, limit: i64) -> Result<Vec<Worker>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM worker ORDER BY started_at, id LIMIT $1")
        .bind(limit).fetch_all(c).await)
}

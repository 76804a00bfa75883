//! What else happened to a run.

use chrono::{DateTime, Utc};
use domain::ids::RunId;
use uuid::Uuid;

use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::on_db;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Event {
    pub run_id: RunId,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// `lost`, `cancelled`, `retried`, …
    pub kind: String,
    /// Empty if nobody did it.
    pub actor_name: String,
    /// A sentence.
    pub detail: String,
}

pub async fn insert_events(tx: &mut Tx, events: &[Event]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        events,
        "INSERT INTO run_event (run_id, id, at, kind, actor_name, detail)",
        6,
        |query, event| query
            .bind(event.run_id)
            .bind(event.id)
            .bind(event.at)
            .bind(&event.kind)
            .bind(&event.actor_name)
            .bind(&event.detail),
        // One that is there already was kept before: by a commit whose answer got lost, or by a step that waits still.
        " ON CONFLICT DO NOTHING"
    )
}

/// What has happened to a run; of more than so much, the last.
pub async fn events_of(db: &Db, run: RunId, limit: i64) -> Result<Vec<Event>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM (SELECT * FROM run_event WHERE run_id = $1 ORDER BY id DESC LIMIT $2) last ORDER BY id"
    ).bind(run).bind(limit).fetch_all(c).await)
}

use chrono::{DateTime, Utc};
use domain::ids::PersonId;

use super::Line;
use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// Which lines to show. Everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub actor: Option<PersonId>,
    pub action: Option<String>,
    pub thing: Option<String>,
    pub thing_id: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Only lines older than this one.
    pub before: Option<i64>,
}

/// Waits until no other audited change is under way, and keeps others waiting from here on.
pub async fn wait_in_line(tx: &mut Tx) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("UPDATE audit_head SET seq = seq WHERE id = 1")).map(drop)
}

/// Takes the next places in the chain; answers the last of them, and the hash the first is to hold. The row stays locked
/// until the transaction ends, so places and hashes follow one another whoever else is writing.
pub(super) async fn next_places(tx: &mut Tx, many: i64) -> Result<(i64, String), DbError> {
    on_tx!(*tx, c => sqlx::query_as("UPDATE audit_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, hash")
        .bind(many).fetch_one(c).await)
}

/// Writes lines, and the hash of the last of them as the end of the chain.
pub(super) async fn insert(tx: &mut Tx, lines: &[Line], hash: &str) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        lines,
        "INSERT INTO audit_line (seq, at, actor_id, actor_name, action, thing, thing_id, thing_name, before, after, \
             request_id, previous_hash, hash)",
        13,
        |query, line| query
            .bind(line.seq)
            .bind(line.at)
            .bind(line.actor_id)
            .bind(&line.actor_name)
            .bind(&line.action)
            .bind(&line.thing)
            .bind(&line.thing_id)
            .bind(&line.thing_name)
            .bind(&line.before)
            .bind(&line.after)
            .bind(&line.request_id)
            .bind(&line.previous_hash)
            .bind(&line.hash)
    )?;
    run_tx!(*tx, sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1").bind(hash)).map(drop)
}

pub(super) async fn head(db: &Db) -> Result<Option<(i64, String)>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT seq, hash FROM audit_head WHERE id = 1").fetch_optional(c).await)
}

pub(super) async fn exists_after(db: &Db, seq: i64) -> Result<bool, DbError> {
    let next: Option<i64> = on_db!(db, c => sqlx::query_scalar("SELECT seq FROM audit_line WHERE seq > $1 LIMIT 1")
        .bind(seq).fetch_optional(c).await)?;
    Ok(next.is_some())
}

/// Up to `limit` lines after a place that a filter lets through, in order.
pub(super) async fn after(db: &Db, filter: &Filter, seq: i64, limit: i64) -> Result<Vec<Line>, DbError> {
    let sql = format!("SELECT * FROM audit_line WHERE seq > $1{} ORDER BY seq LIMIT $8", filter.conditions());
    read(db, &sql, seq, filter, limit).await
}

/// The newest lines that a filter lets through.
pub(super) async fn newest(db: &Db, filter: &Filter, limit: i64) -> Result<Vec<Line>, DbError> {
    let sql =
        format!("SELECT * FROM audit_line WHERE seq < $1{} ORDER BY seq DESC LIMIT $8", filter.conditions());
    read(db, &sql, filter.before.unwrap_or(i64::MAX), filter, limit).await
}

impl Filter {
    /// Only the conditions in use are in the text, so that the planner can take the index that fits; the numbers of the
    /// parameters stay the same.
    fn conditions(&self) -> String {
        let conditions = [
            (self.actor.is_some(), " AND actor_id = $2"),
            (self.action.is_some(), " AND action = $3"),
            (self.thing.is_some(), " AND thing = $4"),
            (self.thing_id.is_some(), " AND thing_id = $5"),
            (self.from.is_some(), " AND at >= $6"),
            (self.until.is_some(), " AND at < $7"),
        ];
        conditions.iter().filter(|(used, _)| *used).map(|(_, condition)| *condition).collect()
    }
}

async fn read(db: &Db, sql: &str, seq: i64, filter: &Filter, limit: i64) -> Result<Vec<Line>, DbError> {
    on_db!(db, c => sqlx::query_as(sql)
        .bind(seq)
        .bind(filter.actor).bind(&filter.action).bind(&filter.thing).bind(&filter.thing_id)
        .bind(filter.from).bind(filter.until).bind(limit)
        .fetch_all(c).await)
}

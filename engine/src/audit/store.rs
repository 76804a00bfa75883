use chrono::{DateTime, Utc};
use domain::ids::PersonId;

use super::Line;
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

/// Takes the next place in the chain. The row stays locked until the transaction ends, so places and hashes follow one
/// another whoever else is writing.
pub(super) async fn next_place(tx: &mut Tx) -> Result<(i64, String), DbError> {
    on_tx!(*tx, c => sqlx::query_as("UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash")
        .fetch_one(c).await)
}

pub(super) async fn insert(tx: &mut Tx, line: &Line) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO audit_line (seq, at, actor_id, actor_name, action, thing, thing_id, thing_name, before, after, \
             request_id, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        )
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
    run_tx!(*tx, sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1").bind(&line.hash))?;
    Ok(())
}

pub(super) async fn head(db: &Db) -> Result<(i64, String), DbError> {
    on_db!(db, c => sqlx::query_as("SELECT seq, hash FROM audit_head WHERE id = 1").fetch_one(c).await)
}

/// Up to `limit` lines after a place, in order.
pub(super) async fn after(db: &Db, seq: i64, limit: i64) -> Result<Vec<Line>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM audit_line WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq).bind(limit).fetch_all(c).await)
}

/// The newest lines that a filter lets through. Only the conditions in use are in the text, so that the planner can
/// take the index that fits; the numbers of the parameters stay the same.
pub(super) async fn newest(db: &Db, filter: &Filter, limit: i64) -> Result<Vec<Line>, DbError> {
    let mut sql = String::from("SELECT * FROM audit_line WHERE seq < $1");
    let conditions = [
        (filter.actor.is_some(), " AND actor_id = $2"),
        (filter.action.is_some(), " AND action = $3"),
        (filter.thing.is_some(), " AND thing = $4"),
        (filter.thing_id.is_some(), " AND thing_id = $5"),
        (filter.from.is_some(), " AND at >= $6"),
        (filter.until.is_some(), " AND at < $7"),
    ];
    conditions.iter().filter(|(used, _)| *used).for_each(|(_, condition)| sql.push_str(condition));
    sql.push_str(" ORDER BY seq DESC LIMIT $8");
    on_db!(db, c => sqlx::query_as(&sql)
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(filter.actor).bind(&filter.action).bind(&filter.thing).bind(&filter.thing_id)
        .bind(filter.from).bind(filter.until).bind(limit)
        .fetch_all(c).await)
}

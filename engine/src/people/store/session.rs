use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use domain::people::Person;

use super::person::select;
use crate::db::{Db, DbError, Tx};
use crate::people::{SessionRow, StoredSession};
use crate::{on_db, on_tx, run_tx};

/// A new session; `false` if the id is taken.
pub async fn insert(tx: &mut Tx, session: &StoredSession, at: DateTime<Utc>) -> Result<bool, DbError> {
    let made = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO session (id, person_id, data, address, agent, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (id) DO NOTHING"
        )
        .bind(&session.id_hash)
        .bind(session.person_id)
        .bind(&session.data)
        .bind(&session.address)
        .bind(&session.agent)
        .bind(at)
        .bind(session.expires_at)
    )?;
    Ok(made == 1)
}

/// Changes a session that is there; one that was ended meanwhile stays ended.
pub async fn update(tx: &mut Tx, session: &StoredSession) -> Result<bool, DbError> {
    let changed = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE session SET person_id = $2, data = $3, address = $4, agent = $5, expires_at = $6 WHERE id = $1"
        )
        .bind(&session.id_hash)
        .bind(session.person_id)
        .bind(&session.data)
        .bind(&session.address)
        .bind(&session.agent)
        .bind(session.expires_at)
    )?;
    Ok(changed == 1)
}

pub async fn person_of(tx: &mut Tx, id_hash: &str) -> Result<Option<PersonId>, DbError> {
    let owner: Option<Option<PersonId>> = on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT person_id FROM session WHERE id = $1"
    ).bind(id_hash).fetch_optional(c).await)?;
    Ok(owner.flatten())
}

pub async fn load(db: &Db, id_hash: &str, now: DateTime<Utc>) -> Result<Option<StoredSession>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT id AS id_hash, person_id, data, address, agent, expires_at FROM session WHERE id = $1 AND expires_at > $2"
    ).bind(id_hash).bind(now).fetch_optional(c).await)
}

#[derive(sqlx::FromRow)]
pub struct Who {
    #[sqlx(flatten)]
    pub person: Person,
    pub session_seen_at: DateTime<Utc>,
}

/// Whose session it is, if it still holds and they may still come in: the one read of every request.
pub async fn who(db: &Db, id_hash: &str, now: DateTime<Utc>) -> Result<Option<Who>, DbError> {
    const SQL: &str = concat!(
        "SELECT w.*, s.seen_at AS session_seen_at FROM session s JOIN (",
        select!(""),
        ") w ON w.id = s.person_id WHERE s.id = $1 AND s.expires_at > $2 AND w.status = 'active'"
    );
    on_db!(db, c => sqlx::query_as(SQL).bind(id_hash).bind(now).fetch_optional(c).await)
}

pub async fn touch(tx: &mut Tx, id_hash: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("UPDATE session SET seen_at = $2 WHERE id = $1").bind(id_hash).bind(now))
        .map(drop)
}

pub async fn of_person(db: &Db, person: PersonId, now: DateTime<Utc>) -> Result<Vec<SessionRow>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT id AS id_hash, address, agent, created_at, seen_at FROM session \
         WHERE person_id = $1 AND expires_at > $2 ORDER BY seen_at DESC LIMIT 100"
    ).bind(person).bind(now).fetch_all(c).await)
}

pub async fn delete(tx: &mut Tx, id_hash: &str) -> Result<Option<PersonId>, DbError> {
    let owner: Option<Option<PersonId>> = on_tx!(*tx, c => sqlx::query_scalar(
        "DELETE FROM session WHERE id = $1 RETURNING person_id"
    ).bind(id_hash).fetch_optional(c).await)?;
    Ok(owner.flatten())
}

pub async fn delete_of(tx: &mut Tx, person: PersonId, id_hash: &str) -> Result<bool, DbError> {
    let gone = run_tx!(
        *tx,
        sqlx::query("DELETE FROM session WHERE id = $1 AND person_id = $2").bind(id_hash).bind(person)
    )?;
    Ok(gone == 1)
}

/// Every session of a person, but the one to keep.
pub async fn delete_all(tx: &mut Tx, person: PersonId, keep: Option<&str>) -> Result<u64, DbError> {
    run_tx!(
        *tx,
        sqlx::query("DELETE FROM session WHERE person_id = $1 AND id <> $2")
            .bind(person)
            .bind(keep.unwrap_or(""))
    )
}

pub async fn delete_expired(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, DbError> {
    run_tx!(*tx, sqlx::query("DELETE FROM session WHERE expires_at <= $1").bind(now))
}

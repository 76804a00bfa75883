use chrono::{DateTime, Utc};
use domain::ids::PersonId;

use crate::db::rows::values;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, run_tx};

#[derive(sqlx::FromRow)]
pub struct Credential {
    pub password_hash: String,
    pub totp_secret: Option<String>,
    pub totp_enabled: bool,
    pub changed_at: DateTime<Utc>,
}

pub async fn of(db: &Db, person: PersonId) -> Result<Option<Credential>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT password_hash, totp_secret, totp_enabled, changed_at FROM credential WHERE person_id = $1"
    ).bind(person).fetch_optional(c).await)
}

pub async fn set_password(
    tx: &mut Tx,
    person: PersonId,
    hash: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO credential (person_id, password_hash, changed_at) VALUES ($1, $2, $3) \
             ON CONFLICT (person_id) DO UPDATE SET password_hash = $2, changed_at = $3"
        )
        .bind(person)
        .bind(hash)
        .bind(at)
    )
    .map(drop)
}

/// A secret that does not count yet; `false` if there is one that does.
pub async fn draw_totp(tx: &mut Tx, person: PersonId, sealed: &str) -> Result<bool, DbError> {
    let drawn = run_tx!(
        *tx,
        sqlx::query("UPDATE credential SET totp_secret = $2 WHERE person_id = $1 AND NOT totp_enabled")
            .bind(person)
            .bind(sealed)
    )?;
    Ok(drawn == 1)
}

pub async fn clear_totp(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query("UPDATE credential SET totp_secret = NULL, totp_enabled = FALSE WHERE person_id = $1")
            .bind(person)
    )
    .map(drop)
}

/// Its owner has shown a right code: from now on the secret counts, and the code's time step is used up. `false` if the
/// secret was replaced meanwhile, if one counts already, or if the code was used before.
pub async fn enable_totp(tx: &mut Tx, person: PersonId, sealed: &str, step: i64) -> Result<bool, DbError> {
    let enabled = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE credential SET totp_enabled = TRUE, totp_step = $3 \
             WHERE person_id = $1 AND totp_secret = $2 AND NOT totp_enabled AND totp_step < $3"
        )
        .bind(person)
        .bind(sealed)
        .bind(step)
    )?;
    Ok(enabled == 1)
}

/// Whether nobody has changed the password since that moment. Holds the row until the transaction ends, so that whoever
/// is about to change it, and to end every session, comes after this.
pub async fn hold_unchanged(
    tx: &mut Tx,
    person: PersonId,
    changed_at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let held = run_tx!(
        *tx,
        sqlx::query("UPDATE credential SET changed_at = changed_at WHERE person_id = $1 AND changed_at = $2")
            .bind(person)
            .bind(changed_at)
    )?;
    Ok(held == 1)
}

/// Uses up a time step; `false` if it, or a later one, was used before.
pub async fn use_step(tx: &mut Tx, person: PersonId, step: i64) -> Result<bool, DbError> {
    let used = run_tx!(
        *tx,
        sqlx::query("UPDATE credential SET totp_step = $2 WHERE person_id = $1 AND totp_step < $2")
            .bind(person)
            .bind(step)
    )?;
    Ok(used == 1)
}

pub async fn clear_recovery(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("DELETE FROM recovery_code WHERE person_id = $1").bind(person)).map(drop)
}

pub async fn add_recovery(tx: &mut Tx, person: PersonId, hashes: &[String]) -> Result<(), DbError> {
    let sql = format!("INSERT INTO recovery_code (person_id, code_hash) VALUES {}", values(hashes.len(), 2));
    run_tx!(*tx, hashes.iter().fold(sqlx::query(&sql), |query, hash| query.bind(person).bind(hash))).map(drop)
}

pub async fn use_recovery(
    tx: &mut Tx,
    person: PersonId,
    hash: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let used = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE recovery_code SET used_at = $3 WHERE person_id = $1 AND code_hash = $2 AND used_at IS NULL"
        )
        .bind(person)
        .bind(hash)
        .bind(at)
    )?;
    Ok(used == 1)
}

pub async fn recovery_left(db: &Db, person: PersonId) -> Result<i64, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT count(*) FROM recovery_code WHERE person_id = $1 AND used_at IS NULL"
    ).bind(person).fetch_one(c).await)
}

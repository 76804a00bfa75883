use chrono::{DateTime, Utc};
use domain::ids::{PersonId, TokenId};
use domain::people::{Person, Scopes};

use super::person::select;
use crate::db::{Db, DbError, Tx};
use crate::people::Token;
use crate::{on_db, on_tx, run_tx};

pub async fn insert(tx: &mut Tx, token: &Token, secret_hash: &str) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO token (id, person_id, name, secret_hash, hint, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        )
        .bind(token.id)
        .bind(token.person_id)
        .bind(&token.name)
        .bind(secret_hash)
        .bind(&token.hint)
        .bind(&token.scopes)
        .bind(token.created_at)
        .bind(token.expires_at)
    )
    .map(drop)
}

pub async fn of_person(db: &Db, person: PersonId) -> Result<Vec<Token>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT id, person_id, name, hint, scopes, created_at, expires_at, used_at, revoked_at FROM token \
         WHERE person_id = $1 ORDER BY created_at DESC LIMIT 200"
    ).bind(person).fetch_all(c).await)
}

#[derive(sqlx::FromRow)]
pub struct Bearer {
    #[sqlx(flatten)]
    pub person: Person,
    pub token_id: TokenId,
    pub token_scopes: Scopes,
    pub token_used_at: Option<DateTime<Utc>>,
}

pub async fn bearer(db: &Db, secret_hash: &str, now: DateTime<Utc>) -> Result<Option<Bearer>, DbError> {
    const SQL: &str = concat!(
        "SELECT w.*, t.id AS token_id, t.scopes AS token_scopes, t.used_at AS token_used_at FROM token t JOIN (",
        select!(""),
        ") w ON w.id = t.person_id \
         WHERE t.secret_hash = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL AND w.status = 'active'"
    );
    on_db!(db, c => sqlx::query_as(SQL).bind(secret_hash).bind(now).fetch_optional(c).await)
}

pub async fn used(tx: &mut Tx, id: TokenId, at: DateTime<Utc>) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("UPDATE token SET used_at = $2 WHERE id = $1").bind(id).bind(at)).map(drop)
}

/// The name of the token that was revoked; nothing if it is not this person's or was revoked before.
pub async fn revoke(
    tx: &mut Tx,
    id: TokenId,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<Option<String>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "UPDATE token SET revoked_at = $3 WHERE id = $1 AND person_id = $2 AND revoked_at IS NULL RETURNING name"
    ).bind(id).bind(person).bind(at).fetch_optional(c).await)
}

/// Every token of a person that still works.
pub async fn revoke_all(tx: &mut Tx, person: PersonId, at: DateTime<Utc>) -> Result<u64, DbError> {
    run_tx!(
        *tx,
        sqlx::query("UPDATE token SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL")
            .bind(person)
            .bind(at)
    )
}

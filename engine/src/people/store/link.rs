use chrono::{DateTime, Utc};
use domain::ids::{LinkId, PersonId};

use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::people::LinkKind;
use crate::{on_db, on_tx, run_tx};

#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    pub id: LinkId,
    pub kind: LinkKind,
    pub person_id: Option<PersonId>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

/// A link as it is kept when it is made.
pub struct NewRow {
    pub id: LinkId,
    pub kind: LinkKind,
    pub secret_hash: String,
    pub person_id: Option<PersonId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

pub async fn insert(tx: &mut Tx, rows: &[NewRow]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        rows,
        "INSERT INTO link (id, kind, secret_hash, person_id, created_at, expires_at)",
        6,
        |query, row| query
            .bind(row.id)
            .bind(row.kind)
            .bind(&row.secret_hash)
            .bind(row.person_id)
            .bind(row.created_at)
            .bind(row.expires_at)
    )
}

pub async fn by_secret(db: &Db, secret_hash: &str) -> Result<Option<Row>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT id, kind, person_id, expires_at, used_at FROM link WHERE secret_hash = $1"
    ).bind(secret_hash).fetch_optional(c).await)
}

/// Uses a link up. Of two who try at once one is told that it was used.
pub async fn use_up(tx: &mut Tx, id: LinkId, at: DateTime<Utc>) -> Result<bool, DbError> {
    let used: Option<LinkId> = on_tx!(*tx, c => sqlx::query_scalar(
        "UPDATE link SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2 RETURNING id"
    ).bind(id).bind(at).fetch_optional(c).await)?;
    Ok(used.is_some())
}

/// A new link makes the older ones of its kind worthless: only the latest works. Without a person: the set-up link.
pub async fn retire(
    tx: &mut Tx,
    kind: LinkKind,
    person: Option<PersonId>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let one = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE link SET used_at = $3 WHERE kind = $1 AND used_at IS NULL \
             AND (person_id = $2 OR (person_id IS NULL AND $2 IS NULL))"
        )
        .bind(kind)
        .bind(person)
        .bind(at)
    );
    one.map(drop)
}

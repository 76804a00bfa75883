use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use uuid::Uuid;

use super::Shelf;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// Something with versions, as lists show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Entry {
    pub id: Uuid,
    pub name: String,
    pub title: String,
    /// The newest version.
    pub version: i64,
    pub changed_at: DateTime<Utc>,
}

/// One version. It never changes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    /// The id of what it is a version of.
    pub of: Uuid,
    pub number: i64,
    pub hash: String,
    /// The file as it was applied.
    pub source: String,
    /// What was read from it, as JSON.
    pub definition: String,
    pub author_id: Option<PersonId>,
    pub author_name: String,
    pub applied_at: DateTime<Utc>,
}

/// A version without what is long in it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VersionLine {
    pub number: i64,
    pub hash: String,
    pub author_name: String,
    pub applied_at: DateTime<Utc>,
}

impl Shelf {
    fn select_version(&self, condition: &str) -> String {
        let table = self.table;
        format!(
            "SELECT {table}_id AS of, number, hash, source, definition, author_id, author_name, applied_at \
             FROM {table}_version WHERE {condition}"
        )
    }

    fn select_one_version(&self) -> String {
        self.select_version(&format!("{}_id = $1 AND number = $2", self.table))
    }
}

/// What has that name, made with version 0 if there is nothing; held until the transaction ends.
pub(super) async fn hold(tx: &mut Tx, shelf: Shelf, fresh: &Entry) -> Result<Entry, DbError> {
    let sql = format!(
        "INSERT INTO {} (id, name, title, version, changed_at) VALUES ($1, $2, $3, 0, $4) \
         ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id, name, title, version, changed_at",
        shelf.table
    );
    on_tx!(*tx, c => sqlx::query_as(&sql)
        .bind(fresh.id).bind(&fresh.name).bind(&fresh.title).bind(fresh.changed_at).fetch_one(c).await)
}

/// Adds the next version and makes it the newest.
pub(super) async fn add(tx: &mut Tx, shelf: Shelf, title: &str, version: &Version) -> Result<(), DbError> {
    let table = shelf.table;
    let add = format!(
        "INSERT INTO {table}_version ({table}_id, number, hash, source, definition, author_id, author_name, applied_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    run_tx!(
        *tx,
        sqlx::query(&add)
            .bind(version.of)
            .bind(version.number)
            .bind(&version.hash)
            .bind(&version.source)
            .bind(&version.definition)
            .bind(version.author_id)
            .bind(&version.author_name)
            .bind(version.applied_at)
    )?;
    let newest = format!("UPDATE {table} SET title = $2, version = $3, changed_at = $4 WHERE id = $1");
    run_tx!(
        *tx,
        sqlx::query(&newest).bind(version.of).bind(title).bind(version.number).bind(version.applied_at)
    )
    .map(drop)
}

pub(super) async fn version_in(
    tx: &mut Tx,
    shelf: Shelf,
    of: Uuid,
    number: i64,
) -> Result<Option<Version>, DbError> {
    let sql = shelf.select_one_version();
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(of).bind(number).fetch_optional(c).await)
}

pub async fn version(db: &Db, shelf: Shelf, of: Uuid, number: i64) -> Result<Option<Version>, DbError> {
    let sql = shelf.select_one_version();
    on_db!(db, c => sqlx::query_as(&sql).bind(of).bind(number).fetch_optional(c).await)
}

/// A version of what has that name; the newest if none is named.
pub async fn version_by_name(
    db: &Db,
    shelf: Shelf,
    name: &str,
    number: Option<i64>,
) -> Result<Option<Version>, DbError> {
    let table = shelf.table;
    let sql = shelf.select_version(&format!(
        "{table}_id = (SELECT id FROM {table} WHERE name = $1) \
         AND number = COALESCE($2, (SELECT version FROM {table} WHERE name = $1))"
    ));
    on_db!(db, c => sqlx::query_as(&sql).bind(name).bind(number).fetch_optional(c).await)
}

pub async fn by_name(db: &Db, shelf: Shelf, name: &str) -> Result<Option<Entry>, DbError> {
    let sql = format!("SELECT * FROM {} WHERE name = $1", shelf.table);
    on_db!(db, c => sqlx::query_as(&sql).bind(name).fetch_optional(c).await)
}

/// All of them by name, after the given one.
pub(super) async fn list(
    db: &Db,
    shelf: Shelf,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Entry>, DbError> {
    let sql = format!("SELECT * FROM {} WHERE ($1 IS NULL OR name > $1) ORDER BY name LIMIT $2", shelf.table);
    on_db!(db, c => sqlx::query_as(&sql).bind(after).bind(limit).fetch_all(c).await)
}

/// The newest versions first, older than the given number.
pub(super) async fn versions(
    db: &Db,
    shelf: Shelf,
    of: Uuid,
    before: i64,
    limit: i64,
) -> Result<Vec<VersionLine>, DbError> {
    let table = shelf.table;
    let sql = format!(
        "SELECT number, hash, author_name, applied_at FROM {table}_version \
         WHERE {table}_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
    );
    on_db!(db, c => sqlx::query_as(&sql).bind(of).bind(before).bind(limit).fetch_all(c).await)
}

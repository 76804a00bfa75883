//! Files of timesheets, as they were dropped.

use chrono::{DateTime, Utc};
use domain::ids::{DropId, FileId, PersonId};

use crate::db::rows::ask_portions;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, run_tx};

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum FileState {
    Waiting,
    Taken,
}

/// Files that were dropped together.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DropRow {
    pub id: DropId,
    pub made_by: PersonId,
    pub made_by_name: String,
    pub made_at: DateTime<Utc>,
}

/// A file, without what is in it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FileRow {
    pub id: FileId,
    pub drop_id: DropId,
    pub place: i64,
    pub name: String,
    pub digest: Vec<u8>,
    pub identity: Vec<u8>,
    pub size: i64,
    pub state: FileState,
    pub mapping: Option<String>,
    pub preview: String,
    pub taken_at: Option<DateTime<Utc>>,
}

/// Where and when the same file was taken.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Known {
    pub id: FileId,
    pub drop_id: DropId,
    pub identity: Vec<u8>,
    pub name: String,
    pub taken_at: DateTime<Utc>,
}

pub async fn insert_drop(tx: &mut Tx, id: DropId, by: PersonId, at: DateTime<Utc>) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query("INSERT INTO import_drop (id, made_by, made_at) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(by)
            .bind(at)
    )
    .map(drop)
}

pub async fn insert(tx: &mut Tx, file: &FileRow, content: &[u8]) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO import_file (id, drop_id, place, name, digest, identity, size, state, mapping, preview) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        )
        .bind(file.id)
        .bind(file.drop_id)
        .bind(file.place)
        .bind(&file.name)
        .bind(&file.digest)
        .bind(&file.identity)
        .bind(file.size)
        .bind(file.state)
        .bind(&file.mapping)
        .bind(&file.preview)
    )?;
    run_tx!(
        *tx,
        sqlx::query("INSERT INTO import_content (file_id, content) VALUES ($1, $2)")
            .bind(file.id)
            .bind(content)
    )
    .map(drop)
}

const DROP: &str = "SELECT d.id, d.made_by, p.name AS made_by_name, d.made_at FROM import_drop d \
     JOIN person p ON p.id = d.made_by";

pub async fn drop_by_id(db: &Db, id: DropId) -> Result<Option<DropRow>, DbError> {
    let sql = format!("{DROP} WHERE d.id = $1");
    on_db!(db, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

/// The latest first; all of them or those of one person.
pub async fn drops(db: &Db, of: Option<PersonId>, limit: i64) -> Result<Vec<DropRow>, DbError> {
    let sql = format!("{DROP} WHERE $1 IS NULL OR d.made_by = $1 ORDER BY d.id DESC LIMIT $2");
    on_db!(db, c => sqlx::query_as(&sql).bind(of).bind(limit).fetch_all(c).await)
}

pub async fn of_drop(db: &Db, id: DropId) -> Result<Vec<FileRow>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT id, drop_id, place, name, digest, identity, size, state, mapping, preview, taken_at FROM import_file \
         WHERE drop_id = $1 ORDER BY place"
    ).bind(id).fetch_all(c).await)
}

/// Names and states of the files of some drops.
pub type Brief = (DropId, String, FileState);

pub async fn brief(db: &Db, drops: &[DropId]) -> Result<Vec<Brief>, DbError> {
    ask_portions!(
        db,
        drops,
        |count| format!(
            "SELECT drop_id, name, state FROM import_file WHERE drop_id IN ({}) ORDER BY place",
            crate::db::rows::places(count)
        ),
        |sql| sqlx::query_as::<_, Brief>(&sql),
        |query, id| query.bind(*id)
    )
}

pub async fn content(db: &Db, id: FileId) -> Result<Option<Vec<u8>>, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT content FROM import_content WHERE file_id = $1")
        .bind(id).fetch_optional(c).await)
}

/// Of these files, those that were taken.
pub async fn known(db: &Db, identities: &[Vec<u8>]) -> Result<Vec<Known>, DbError> {
    ask_portions!(
        db,
        identities,
        |count| format!(
            "SELECT id, drop_id, identity, name, taken_at FROM import_file WHERE state = 'taken' AND identity IN ({})",
            crate::db::rows::places(count)
        ),
        |sql| sqlx::query_as::<_, Known>(&sql),
        |query, identity| query.bind(identity)
    )
}

/// As it was looked at last.
pub async fn set_preview(tx: &mut Tx, file: &FileRow) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE import_file SET mapping = $2, preview = $3, identity = $4 WHERE id = $1 AND state = 'waiting'"
        )
        .bind(file.id)
        .bind(&file.mapping)
        .bind(&file.preview)
        .bind(&file.identity)
    )
    .map(drop)
}

/// Whether it was still to be taken.
pub async fn take(tx: &mut Tx, file: &FileRow, at: DateTime<Utc>) -> Result<bool, DbError> {
    let taken = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE import_file SET state = 'taken', taken_at = $2, preview = $3, identity = $4 \
             WHERE id = $1 AND state = 'waiting'"
        )
        .bind(file.id)
        .bind(at)
        .bind(&file.preview)
        .bind(&file.identity)
    )?;
    Ok(taken == 1)
}

/// Forgets what was not taken of a drop and, if nothing is left of it, the drop.
pub async fn forget(tx: &mut Tx, id: DropId) -> Result<u64, DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "DELETE FROM import_content WHERE file_id IN \
             (SELECT id FROM import_file WHERE drop_id = $1 AND state = 'waiting')"
        )
        .bind(id)
    )?;
    let files = run_tx!(
        *tx,
        sqlx::query("DELETE FROM import_file WHERE drop_id = $1 AND state = 'waiting'").bind(id)
    )?;
    run_tx!(
        *tx,
        sqlx::query(
            "DELETE FROM import_drop WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM import_file WHERE drop_id = $1)"
        )
        .bind(id)
    )?;
    Ok(files)
}

pub async fn layouts(db: &Db) -> Result<Vec<(Vec<u8>, String)>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT key, mapping FROM import_layout").fetch_all(c).await)
}

pub async fn remember_layout(
    tx: &mut Tx,
    key: &[u8],
    mapping: &str,
    by: PersonId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO import_layout (key, mapping, changed_by, changed_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (key) DO UPDATE SET mapping = $2, changed_by = $3, changed_at = $4"
        )
        .bind(key)
        .bind(mapping)
        .bind(by)
        .bind(at)
    )
    .map(drop)
}

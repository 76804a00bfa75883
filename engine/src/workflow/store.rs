use chrono::{DateTime, Utc};
use domain::ids::{PersonId, WorkflowId};
use domain::workflow::WorkflowName;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// A workflow as lists show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Workflow {
    pub id: WorkflowId,
    pub name: WorkflowName,
    pub title: String,
    /// The newest version.
    pub version: i64,
    pub changed_at: DateTime<Utc>,
}

/// One version of a workflow. It never changes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    pub workflow_id: WorkflowId,
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

/// The workflow of that name, made with version 0 if there is none; held until the transaction ends.
pub async fn hold(tx: &mut Tx, fresh: &Workflow) -> Result<Workflow, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "INSERT INTO workflow (id, name, title, version, changed_at) VALUES ($1, $2, $3, 0, $4) \
         ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id, name, title, version, changed_at"
    ).bind(fresh.id).bind(&fresh.name).bind(&fresh.title).bind(fresh.changed_at).fetch_one(c).await)
}

/// Adds the next version and makes it the newest.
pub async fn add(tx: &mut Tx, title: &str, version: &Version) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO workflow_version (workflow_id, number, hash, source, definition, author_id, author_name, applied_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        )
        .bind(version.workflow_id)
        .bind(version.number)
        .bind(&version.hash)
        .bind(&version.source)
        .bind(&version.definition)
        .bind(version.author_id)
        .bind(&version.author_name)
        .bind(version.applied_at)
    )?;
    run_tx!(
        *tx,
        sqlx::query("UPDATE workflow SET title = $2, version = $3, changed_at = $4 WHERE id = $1")
            .bind(version.workflow_id)
            .bind(title)
            .bind(version.number)
            .bind(version.applied_at)
    )
    .map(drop)
}

pub async fn version_in(tx: &mut Tx, workflow: WorkflowId, number: i64) -> Result<Option<Version>, DbError> {
    on_tx!(*tx, c => sqlx::query_as("SELECT * FROM workflow_version WHERE workflow_id = $1 AND number = $2")
        .bind(workflow).bind(number).fetch_optional(c).await)
}

pub async fn version(db: &Db, workflow: WorkflowId, number: i64) -> Result<Option<Version>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM workflow_version WHERE workflow_id = $1 AND number = $2")
        .bind(workflow).bind(number).fetch_optional(c).await)
}

pub async fn by_name(db: &Db, name: &WorkflowName) -> Result<Option<Workflow>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM workflow WHERE name = $1").bind(name).fetch_optional(c).await)
}

/// Workflows by name, after the given one.
pub async fn list(db: &Db, after: Option<&WorkflowName>, limit: i64) -> Result<Vec<Workflow>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM workflow WHERE ($1 IS NULL OR name > $1) ORDER BY name LIMIT $2"
    ).bind(after).bind(limit).fetch_all(c).await)
}

/// The newest versions first, older than the given number.
pub async fn versions(
    db: &Db,
    workflow: WorkflowId,
    before: i64,
    limit: i64,
) -> Result<Vec<VersionLine>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT number, hash, author_name, applied_at FROM workflow_version \
         WHERE workflow_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
    ).bind(workflow).bind(before).bind(limit).fetch_all(c).await)
}

use domain::ids::{PersonId, ProjectId};
use domain::project::{Project, ProjectCode, ProjectStatus};

use crate::db::{Db, DbError, Tx};
use crate::page::containing;
use crate::{on_db, on_tx, run_tx};

/// Which projects to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub text: Option<String>,
    pub status: Option<ProjectStatus>,
    /// Only those this person works on.
    pub of: Option<PersonId>,
    /// Only those that come after this project.
    pub after: Option<ProjectId>,
}

pub async fn insert(tx: &mut Tx, project: &Project) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO project (id, code, name, client, currency, status, version, created_at, search_key) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        )
        .bind(project.id)
        .bind(&project.code)
        .bind(&project.name)
        .bind(&project.client)
        .bind(&project.currency)
        .bind(project.status)
        .bind(project.version)
        .bind(project.created_at)
        .bind(search_key(project))
    )
    .map(drop)
}

/// Writes what can change, if nobody else has since this version was read.
pub async fn update(tx: &mut Tx, project: &Project) -> Result<bool, DbError> {
    let updated = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE project SET code = $3, name = $4, client = $5, currency = $6, status = $7, \
             search_key = $8, version = version + 1 \
             WHERE id = $1 AND version = $2"
        )
        .bind(project.id)
        .bind(project.version)
        .bind(&project.code)
        .bind(&project.name)
        .bind(&project.client)
        .bind(&project.currency)
        .bind(project.status)
        .bind(search_key(project))
    )?;
    Ok(updated == 1)
}

/// What a search looks in. The engines fold different alphabets, so it is folded here.
fn search_key(project: &Project) -> String {
    format!("{}\n{}\n{}", project.code, project.name, project.client).to_lowercase()
}

pub async fn by_id(db: &Db, id: ProjectId) -> Result<Option<Project>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM project WHERE id = $1").bind(id).fetch_optional(c).await)
}

pub async fn by_id_in(tx: &mut Tx, id: ProjectId) -> Result<Option<Project>, DbError> {
    on_tx!(*tx, c => sqlx::query_as("SELECT * FROM project WHERE id = $1").bind(id).fetch_optional(c).await)
}

pub async fn by_code(db: &Db, code: &ProjectCode) -> Result<Option<Project>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM project WHERE code = $1").bind(code).fetch_optional(c).await)
}

pub async fn list(db: &Db, filter: &Filter, limit: i64) -> Result<Vec<Project>, DbError> {
    let pattern = filter.text.as_deref().filter(|text| !text.trim().is_empty()).map(containing);
    on_db!(db, c => sqlx::query_as(
        "SELECT p.* FROM project p WHERE ($1 IS NULL OR p.search_key LIKE $1 ESCAPE '\\') \
         AND ($2 IS NULL OR p.status = $2) \
         AND ($3 IS NULL OR EXISTS (SELECT 1 FROM project_member m WHERE m.project_id = p.id AND m.person_id = $3)) \
         AND ($4 IS NULL OR p.code > (SELECT k.code FROM project k WHERE k.id = $4)) \
         ORDER BY p.code LIMIT $5"
    ).bind(&pattern).bind(filter.status).bind(filter.of).bind(filter.after).bind(limit).fetch_all(c).await)
}

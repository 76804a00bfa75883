//! Lists of runs: by key, whatever the filter, and fast however many there are.

use chrono::{DateTime, Utc};
use domain::ids::{ProjectId, RunId, WorkflowId};
use domain::project::ProjectCode;
use domain::run::{DeadReason, RunState};
use domain::workflow::WorkflowName;

use crate::db::{Db, DbError};
use crate::on_db;

/// What a list of runs is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub workflow: Option<WorkflowId>,
    pub project: Option<ProjectId>,
    pub state: Option<RunState>,
    /// The key its caller gave it.
    pub key: Option<String>,
    /// Made at or after, and before. An id begins with the time it was made at.
    pub from: Option<RunId>,
    pub until: Option<RunId>,
    /// Only dead letters, given up for this reason.
    pub reason: Option<DeadReason>,
    /// Only those with this somewhere in their input, error or key: a pattern in small letters.
    pub text: Option<String>,
}

/// A run as lists show it: without what may be long.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RunLine {
    pub id: RunId,
    pub workflow: WorkflowName,
    pub title: String,
    pub version: i64,
    pub state: RunState,
    pub key: Option<String>,
    pub error: Option<String>,
    pub project: Option<ProjectCode>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "run.id, workflow.name AS workflow, workflow.title, run.version, run.state, run.key, run.error, \
                       project.code AS project, run.created_at, run.started_at, run.finished_at";

/// The newest first, older than the given one. With a text, only so many are looked at: it is looked for in each of them.
pub async fn list(
    db: &Db,
    filter: &RunFilter,
    before: Option<RunId>,
    limit: i64,
    look_at: i64,
) -> Result<Vec<RunLine>, DbError> {
    let found = filter.found("LIMIT $9");
    let sql = format!(
        "SELECT {COLUMNS} FROM ({found}) AS found JOIN run ON run.id = found.id JOIN workflow ON workflow.id = run.workflow_id \
         LEFT JOIN project ON project.id = run.project_id ORDER BY run.id DESC"
    );
    let (until, from) = filter.bounds(before);
    on_db!(db, c => sqlx::query_as(&sql)
        .bind(until).bind(from).bind(limit).bind(filter.workflow).bind(filter.state).bind(&filter.key)
        .bind(filter.reason).bind(&filter.text).bind(look_at).bind(filter.project)
        .fetch_all(c).await)
}

/// The ids alone, the newest first, however many have to be looked at.
pub async fn ids(
    db: &Db,
    filter: &RunFilter,
    before: Option<RunId>,
    limit: i64,
) -> Result<Vec<RunId>, DbError> {
    let sql = filter.found("");
    let (until, from) = filter.bounds(before);
    on_db!(db, c => sqlx::query_scalar(&sql)
        .bind(until).bind(from).bind(limit).bind(filter.workflow).bind(filter.state).bind(&filter.key)
        .bind(filter.reason).bind(&filter.text).bind(i64::MAX).bind(filter.project)
        .fetch_all(c).await)
}

/// The last of so many that a text is looked for in; nothing if there are not more of them.
pub async fn last_looked_at(
    db: &Db,
    filter: &RunFilter,
    before: Option<RunId>,
    look_at: i64,
) -> Result<Option<RunId>, DbError> {
    let sql = format!("SELECT id FROM ({}) AS near ORDER BY id LIMIT 1", filter.ids("LIMIT $3"));
    let (until, from) = filter.bounds(before);
    let last: Option<RunId> = on_db!(db, c => sqlx::query_scalar(&sql)
        .bind(until).bind(from).bind(look_at).bind(filter.workflow).bind(filter.state).bind(&filter.key)
        .bind(filter.reason).bind(&filter.text).bind(look_at).bind(filter.project)
        .fetch_optional(c).await)?;
    let older = ids(db, filter, last, 1).await?;
    Ok(last.filter(|_| !older.is_empty()))
}

impl RunFilter {
    fn bounds(&self, before: Option<RunId>) -> (RunId, RunId) {
        let latest = RunId(uuid::Uuid::max());
        let until = before.unwrap_or(latest).min(self.until.unwrap_or(latest));
        (until, self.from.unwrap_or(RunId(uuid::Uuid::nil())))
    }

    /// The ids: all that fit, or of those the ones with the text. `$9` are looked at for it, if that is said.
    fn found(&self, look_at: &str) -> String {
        if self.text.is_none() {
            return self.ids("LIMIT $3");
        }
        // What is gone through is in the order of the index, and left as soon as enough are found.
        let near = self.ids(look_at);
        format!(
            "SELECT run.id FROM ({near}) AS near JOIN run ON run.id = near.id \
             WHERE LOWER(run.input) LIKE $8 ESCAPE '\\' OR LOWER(COALESCE(run.error, '')) LIKE $8 ESCAPE '\\' \
             OR LOWER(COALESCE(run.key, '')) LIKE $8 ESCAPE '\\' ORDER BY near.id DESC LIMIT $3"
        )
    }

    /// By the index that fits. Those of workflows and projects go by state, so that a list of all states is put together from
    /// one per state: no list ever walks over what it does not show.
    fn ids(&self, limit: &str) -> String {
        const RANGE: &str = "id < $1 AND id >= $2";
        let newest = format!("ORDER BY id DESC {limit}");
        let and = |wanted: bool, condition: &'static str| if wanted { condition } else { "" };
        let workflow = self.workflow.is_some();
        let project = self.project.is_some();
        let state = self.state.is_some();
        if self.reason.is_some() {
            let workflow = and(workflow, " AND workflow_id = $4");
            let state = and(state, " AND run.state = $5");
            let key = and(self.key.is_some(), " AND run.key = $6");
            let project = and(project, " AND run.project_id = $10");
            return format!(
                "SELECT run_id AS id FROM dead_letter WHERE reason = $7 AND run_id < $1 AND run_id >= $2{workflow} \
                 AND EXISTS (SELECT 1 FROM run WHERE run.id = dead_letter.run_id{state}{key}{project}) \
                 ORDER BY run_id DESC {limit}"
            );
        }
        let (of_workflow, of_project) =
            (and(workflow, " AND workflow_id = $4"), and(project, " AND project_id = $10"));
        let of_state = and(state, " AND state = $5");
        if self.key.is_some() {
            return format!(
                "SELECT id FROM run WHERE key = $6 AND {RANGE}{of_workflow}{of_project}{of_state} {newest}"
            );
        }
        if state || !(workflow || project) {
            return format!("SELECT id FROM run WHERE {RANGE}{of_workflow}{of_project}{of_state} {newest}");
        }
        let one = |state: &RunState| {
            format!(
                "SELECT id FROM (SELECT id FROM run WHERE state = '{state}' AND {RANGE}{of_workflow}{of_project} {newest}) \
                 AS {state}"
            )
        };
        let all: Vec<_> = RunState::ALL.iter().map(one).collect();
        format!("SELECT id FROM ({}) AS every {newest}", all.join(" UNION ALL "))
    }
}

//! Lists of runs: by key, whatever the filter, and fast however many there are.

use chrono::{DateTime, Utc};
use domain::ids::{RunId, WorkflowId};
use domain::run::{DeadReason, RunState};
use domain::workflow::WorkflowName;

use crate::db::{Db, DbError};
use crate::on_db;

/// What a list of runs is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub workflow: Option<WorkflowId>,
    pub state: Option<RunState>,
    /// The key its caller gave it.
    pub key: Option<String>,
    /// Made at or after, and before. An id begins with the time it was made at.
    pub from: Option<RunId>,
    pub until: Option<RunId>,
    /// Only dead letters, given up for this reason.
    pub reason: Option<DeadReason>,
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
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "run.id, workflow.name AS workflow, workflow.title, run.version, run.state, run.key, run.error, \
                       run.created_at, run.started_at, run.finished_at";

/// The newest first, older than the given one.
pub async fn list(
    db: &Db,
    filter: &RunFilter,
    before: Option<RunId>,
    limit: i64,
) -> Result<Vec<RunLine>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM ({}) AS found JOIN run ON run.id = found.id JOIN workflow ON workflow.id = run.workflow_id \
         ORDER BY run.id DESC",
        filter.ids()
    );
    let (until, from) = filter.bounds(before);
    on_db!(db, c => sqlx::query_as(&sql)
        .bind(until).bind(from).bind(limit).bind(filter.workflow).bind(filter.state).bind(&filter.key)
        .bind(filter.reason)
        .fetch_all(c).await)
}

/// The ids alone, the newest first.
pub async fn ids(
    db: &Db,
    filter: &RunFilter,
    before: Option<RunId>,
    limit: i64,
) -> Result<Vec<RunId>, DbError> {
    let sql = filter.ids();
    let (until, from) = filter.bounds(before);
    on_db!(db, c => sqlx::query_scalar(&sql)
        .bind(until).bind(from).bind(limit).bind(filter.workflow).bind(filter.state).bind(&filter.key)
        .bind(filter.reason)
        .fetch_all(c).await)
}

impl RunFilter {
    fn bounds(&self, before: Option<RunId>) -> (RunId, RunId) {
        let latest = RunId(uuid::Uuid::max());
        let until = before.unwrap_or(latest).min(self.until.unwrap_or(latest));
        (until, self.from.unwrap_or(RunId(uuid::Uuid::nil())))
    }

    /// The ids, by the index that fits. The index of workflows goes by state first, so that a list of all states of a
    /// workflow is put together from one per state: no list ever walks over what it does not show.
    fn ids(&self) -> String {
        const RANGE: &str = "id < $1 AND id >= $2";
        const NEWEST: &str = "ORDER BY id DESC LIMIT $3";
        if self.reason.is_some() {
            let workflow = if self.workflow.is_some() { " AND workflow_id = $4" } else { "" };
            let state = if self.state.is_some() { " AND run.state = $5" } else { "" };
            let key = if self.key.is_some() { " AND run.key = $6" } else { "" };
            return format!(
                "SELECT run_id AS id FROM dead_letter WHERE reason = $7 AND run_id < $1 AND run_id >= $2{workflow} \
                 AND EXISTS (SELECT 1 FROM run WHERE run.id = dead_letter.run_id{state}{key}) \
                 ORDER BY run_id DESC LIMIT $3"
            );
        }
        match (self.key.is_some(), self.workflow.is_some(), self.state.is_some()) {
            (true, workflow, state) => {
                let workflow = if workflow { " AND workflow_id = $4" } else { "" };
                let state = if state { " AND state = $5" } else { "" };
                format!("SELECT id FROM run WHERE key = $6 AND {RANGE}{workflow}{state} {NEWEST}")
            }
            (false, true, true) => {
                format!("SELECT id FROM run WHERE workflow_id = $4 AND state = $5 AND {RANGE} {NEWEST}")
            }
            (false, true, false) => {
                let of_state = |state: &RunState| {
                    format!(
                        "SELECT id FROM (SELECT id FROM run WHERE workflow_id = $4 AND state = '{state}' AND {RANGE} {NEWEST}) \
                         AS {state}"
                    )
                };
                let all: Vec<_> = RunState::ALL.iter().map(of_state).collect();
                format!("SELECT id FROM ({}) AS every {NEWEST}", all.join(" UNION ALL "))
            }
            (false, false, true) => format!("SELECT id FROM run WHERE state = $5 AND {RANGE} {NEWEST}"),
            (false, false, false) => format!("SELECT id FROM run WHERE {RANGE} {NEWEST}"),
        }
    }
}

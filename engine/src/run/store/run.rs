//! Runs themselves: what came in, what came of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::ids::{ProjectId, RunId, WorkflowId};
use domain::project::ProjectCode;
use domain::run::RunState;
use domain::workflow::WorkflowName;

use crate::artifact::{self, Aside};
use crate::db::rows::{fetch_portions, places, places_after, run_portions, values_after};
use crate::db::{Db, DbError, Tx};
use crate::workflow::About;
use crate::{on_db, run_tx};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Run {
    pub id: RunId,
    pub workflow_id: WorkflowId,
    pub version: i64,
    pub state: RunState,
    pub key: Option<String>,
    pub input: String,
    pub output: Option<String>,
    pub error: Option<String>,
    pub lease_epoch: i64,
    pub origin_id: Option<RunId>,
    /// The code of the project it belongs to.
    pub project: Option<ProjectCode>,
    pub project_id: Option<ProjectId>,
    /// The run it was made for, as the element of a list.
    pub parent_id: Option<RunId>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// A run that is to be made.
#[derive(Clone, Debug)]
pub struct Fresh {
    pub id: RunId,
    pub workflow_id: WorkflowId,
    pub version: i64,
    pub priority: i64,
    pub key: Option<String>,
    /// Of the input, if there is a key.
    pub input_hash: Option<String>,
    pub input: String,
    pub origin_id: Option<RunId>,
    pub project_id: Option<ProjectId>,
    /// What it shares with others of which there is to be one at a time.
    pub single: Option<String>,
    /// How long it may take in all.
    pub time: Option<Duration>,
}

/// A run as its caller's key finds it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Keyed {
    pub id: RunId,
    pub key: String,
    pub input_hash: String,
    pub state: RunState,
}

/// What a worker needs to know of a run it has claimed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Begun {
    pub id: RunId,
    pub workflow_id: WorkflowId,
    pub version: i64,
    pub input: String,
    pub created_at: DateTime<Utc>,
    /// Who waits for it to end.
    pub parent_id: Option<RunId>,
    pub project_id: Option<ProjectId>,
    /// What expressions may know of the project.
    code: Option<String>,
    client: Option<String>,
}

impl Begun {
    pub fn project(&self) -> About {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        About { code: text(&self.code), client: text(&self.client) }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending {
    pub run_id: RunId,
    pub lease_epoch: i64,
    pub state: RunState,
    pub output: Option<String>,
    pub error: Option<String>,
}

/// Keeps new runs; answers with those that were made. The others carry a key that is known already.
pub async fn insert_runs(
    tx: &mut Tx,
    fresh: &[Fresh],
    by: &str,
    at: DateTime<Utc>,
) -> Result<Vec<RunId>, DbError> {
    let mut aside = Aside::default();
    let rows: Vec<_> = fresh.iter().map(|run| (run, aside.text(run.id, &run.input))).collect();
    let row = |row: usize| format!("($1, $2, 'pending', {})", places_after(2 + row * 10, 10));
    let made = fetch_portions!(
        *tx,
        &rows,
        |count| format!(
            "INSERT INTO run (created_by, created_at, state, id, workflow_id, version, priority, key, input_hash, input, origin_id, single, project_id) \
             VALUES {} ON CONFLICT DO NOTHING RETURNING id",
            (0..count).map(row).collect::<Vec<_>>().join(", ")
        ),
        |sql| sqlx::query_scalar::<_, RunId>(&sql).bind(by).bind(at),
        |query, (run, input)| query
            .bind(run.id)
            .bind(run.workflow_id)
            .bind(run.version)
            .bind(run.priority)
            .bind(&run.key)
            .bind(&run.input_hash)
            .bind(input.as_ref())
            .bind(run.origin_id)
            .bind(&run.single)
            .bind(run.project_id)
    )?;
    artifact::keep(tx, &aside.artifacts_of(&made)).await?;
    Ok(made)
}

/// The runs of a workflow that were given these keys.
pub async fn by_keys(tx: &mut Tx, workflow: WorkflowId, keys: &[String]) -> Result<Vec<Keyed>, DbError> {
    fetch_portions!(
        *tx,
        keys,
        |count| format!(
            "SELECT id, key, input_hash, state FROM run WHERE workflow_id = $1 AND key IN ({})",
            places_after(1, count)
        ),
        |sql| sqlx::query_as(&sql).bind(workflow),
        |query, key| query.bind(key)
    )
}

/// The runs of a workflow that have not ended and of which there is to be one at a time.
pub async fn by_singles(
    tx: &mut Tx,
    workflow: WorkflowId,
    singles: &[String],
) -> Result<Vec<(String, RunId, RunState)>, DbError> {
    fetch_portions!(
        *tx,
        singles,
        |count| format!(
            "SELECT single, id, state FROM run WHERE workflow_id = $1 AND single IN ({}) \
             AND state IN ('pending', 'running', 'needs_review')",
            places_after(1, count)
        ),
        |sql| sqlx::query_as::<_, (String, RunId, RunState)>(&sql).bind(workflow),
        |query, single| query.bind(single)
    )
}

/// Claimed runs are running from now on.
pub async fn begin(tx: &mut Tx, runs: &[RunId], at: DateTime<Utc>) -> Result<Vec<Begun>, DbError> {
    let mut begun: Vec<Begun> = fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "UPDATE run SET state = 'running', started_at = COALESCE(started_at, $1) WHERE id IN ({}) \
             RETURNING id, workflow_id, version, input, created_at, parent_id, project_id, \
             (SELECT code FROM project WHERE project.id = run.project_id) AS code, \
             (SELECT client FROM project WHERE project.id = run.project_id) AS client",
            places_after(1, count)
        ),
        |sql| sqlx::query_as(&sql).bind(at),
        |query, run| query.bind(*run)
    )?;
    artifact::bring_back(tx, begun.iter_mut().map(|begun| &mut begun.input).collect()).await?;
    Ok(begun)
}

/// Runs have ended.
pub async fn end(tx: &mut Tx, endings: &[Ending], at: DateTime<Utc>) -> Result<(), DbError> {
    let mut aside = Aside::default();
    let rows: Vec<_> =
        endings.iter().map(|ending| (ending, aside.maybe(ending.run_id, ending.output.as_deref()))).collect();
    artifact::keep(tx, aside.artifacts()).await?;
    run_portions!(
        *tx,
        &rows,
        |count| format!(
            "UPDATE run SET state = said.column2, output = said.column3, error = said.column4, \
             lease_epoch = said.column5, finished_at = $1 FROM (VALUES {}) AS said WHERE run.id = said.column1",
            values_after(1, count, 5)
        ),
        |sql| sqlx::query(&sql).bind(at),
        |query, (ending, output)| query
            .bind(ending.run_id)
            .bind(ending.state)
            .bind(output.as_deref())
            .bind(&ending.error)
            .bind(ending.lease_epoch)
    )
}

/// Runs wait to be gone on with, or for a person.
pub async fn put_back(tx: &mut Tx, runs: &[RunId], state: RunState) -> Result<(), DbError> {
    run_portions!(
        *tx,
        runs,
        |count| format!("UPDATE run SET state = $1 WHERE id IN ({})", places_after(1, count)),
        |sql| sqlx::query(&sql).bind(state),
        |query, run| query.bind(*run)
    )
}

/// A run that waited for a person is to be gone on with.
pub async fn needs_review_no_more(tx: &mut Tx, run: RunId) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query("UPDATE run SET state = 'pending' WHERE id = $1 AND state = 'needs_review'").bind(run)
    )?;
    Ok(())
}

/// Ended runs are to be gone on with.
pub async fn reopen(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        runs,
        |count| format!(
            "UPDATE run SET state = 'pending', output = NULL, error = NULL, finished_at = NULL WHERE id IN ({})",
            places(count)
        ),
        |sql| sqlx::query(&sql),
        |query, run| query.bind(*run)
    )
}

/// A run; what is too large stands there as a reference.
pub async fn run(db: &Db, id: RunId) -> Result<Option<Run>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT id, workflow_id, version, state, key, input, output, error, lease_epoch, origin_id, parent_id, project_id, \
         (SELECT code FROM project WHERE project.id = run.project_id) AS project, created_by, created_at, \
         started_at, finished_at FROM run WHERE id = $1"
    ).bind(id).fetch_optional(c).await)
}

/// A run with its input, however large.
pub async fn whole_run(db: &Db, id: RunId) -> Result<Option<Run>, DbError> {
    let mut run = run(db, id).await?;
    artifact::bring_back_now(db, run.iter_mut().map(|run| &mut run.input).collect()).await?;
    Ok(run)
}

/// A run as whoever changes it needs it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Held {
    pub id: RunId,
    pub workflow_id: WorkflowId,
    pub workflow: WorkflowName,
    pub state: RunState,
    pub priority: i64,
    pub lease_epoch: i64,
    pub created_at: DateTime<Utc>,
    pub parent_id: Option<RunId>,
}

/// Runs, held until the transaction ends.
pub async fn hold_runs(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Held>, DbError> {
    let and_hold = tx.for_update("run");
    let mut in_order = runs.to_vec();
    in_order.sort();
    fetch_portions!(
        *tx,
        &in_order,
        |count| format!(
            "SELECT run.id, run.workflow_id, workflow.name AS workflow, run.state, run.priority, run.lease_epoch, \
             run.created_at, run.parent_id FROM run JOIN workflow ON workflow.id = run.workflow_id WHERE run.id IN ({}) ORDER BY run.id{and_hold}",
            places(count)
        ),
        |sql| sqlx::query_as::<_, Held>(&sql),
        |query, run| query.bind(*run)
    )
}

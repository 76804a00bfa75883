//! Every try of every step.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::ids::RunId;
use domain::run::AttemptState;
use domain::workflow::StepName;

use crate::artifact::{self, Aside};
use crate::db::rows::{change_runs, change_steps, fetch_portions, places, values};
use crate::db::{Db, DbError, Tx};
use crate::on_db;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Attempt {
    pub run_id: RunId,
    pub step: StepName,
    pub number: i64,
    pub state: AttemptState,
    /// JSON.
    pub output: Option<String>,
    pub confidence: Option<f64>,
    pub error: Option<String>,
    /// JSON: what a person may want to see besides.
    pub detail: Option<String>,
    /// What it has cost, in millionths of a dollar; nothing if nobody bills for it.
    pub cost: Option<i64>,
    pub worker: String,
    pub lease_epoch: i64,
    /// When it could have begun.
    pub due_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    /// When it is tried again, if it failed and will be.
    pub retry_at: Option<DateTime<Utc>>,
    pub superseded: bool,
}

impl Attempt {
    /// Whether the run goes on behind it.
    pub fn is_checkpoint(&self) -> bool {
        !self.superseded && self.state != AttemptState::Failed
    }
}

/// Keeps attempts; answers with those that were new. One that is there already was kept by a commit whose answer got lost.
pub async fn insert_attempts<'a>(tx: &mut Tx, attempts: &[&'a Attempt]) -> Result<Vec<&'a Attempt>, DbError> {
    let mut aside = Aside::default();
    let rows: Vec<_> = attempts
        .iter()
        .map(|attempt| {
            let output = aside.maybe(attempt.run_id, attempt.output.as_deref());
            (*attempt, output, aside.maybe(attempt.run_id, attempt.detail.as_deref()))
        })
        .collect();
    artifact::keep(tx, aside.artifacts()).await?;
    let kept: HashSet<(RunId, StepName, i64)> = fetch_portions!(
        *tx,
        &rows,
        |count| format!(
            "INSERT INTO attempt (run_id, step, number, state, output, confidence, error, detail, cost, worker, \
             lease_epoch, due_at, started_at, finished_at, retry_at) VALUES {} \
             ON CONFLICT (run_id, step, number) DO NOTHING RETURNING run_id, step, number",
            values(count, 15)
        ),
        |sql| sqlx::query_as::<_, (RunId, StepName, i64)>(&sql),
        |query, (attempt, output, detail)| query
            .bind(attempt.run_id)
            .bind(&attempt.step)
            .bind(attempt.number)
            .bind(attempt.state)
            .bind(output.as_deref())
            .bind(attempt.confidence)
            .bind(&attempt.error)
            .bind(detail.as_deref())
            .bind(attempt.cost)
            .bind(&attempt.worker)
            .bind(attempt.lease_epoch)
            .bind(attempt.due_at)
            .bind(attempt.started_at)
            .bind(attempt.finished_at)
            .bind(attempt.retry_at)
    )?
    .into_iter()
    .collect();
    let is_new = |attempt: &&&Attempt| kept.contains(&(attempt.run_id, attempt.step.clone(), attempt.number));
    Ok(attempts.iter().filter(is_new).copied().collect())
}

/// All that was tried for these runs, with what was found, however large.
pub async fn history_of(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Attempt>, DbError> {
    let mut history: Vec<Attempt> = fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "SELECT * FROM attempt WHERE run_id IN ({}) ORDER BY run_id, step, number",
            places(count)
        ),
        |sql| sqlx::query_as(&sql),
        |query, run| query.bind(*run)
    )?;
    artifact::bring_back(tx, history.iter_mut().filter_map(|it| it.output.as_mut()).collect()).await?;
    Ok(history)
}

/// What was tried for a run, in the order it ended; of more than so many, the last.
pub async fn attempts_of(db: &Db, run: RunId, limit: i64) -> Result<Vec<Attempt>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM (SELECT * FROM attempt WHERE run_id = $1 \
         ORDER BY started_at DESC, finished_at DESC, step DESC, number DESC LIMIT $2) last \
         ORDER BY started_at, finished_at, step, number"
    ).bind(run).bind(limit).fetch_all(c).await)
}

/// What these steps of a run have found counts no more.
pub async fn supersede(tx: &mut Tx, run: RunId, steps: &[StepName]) -> Result<(), DbError> {
    change_steps(tx, "UPDATE attempt SET superseded = TRUE WHERE", run, steps).await
}

/// What failed before is to be tried as often as if it never had been.
pub async fn forget_failures(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    change_runs(tx, "UPDATE attempt SET superseded = TRUE WHERE state = 'failed' AND", runs).await
}

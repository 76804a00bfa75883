//! What runs wait for, and the signals sent to them.

use chrono::{DateTime, Utc};
use domain::ids::RunId;
use domain::workflow::{SignalName, StepName};

use crate::db::rows::{change_steps, fetch_portions, insert_rows, places, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, run_tx};

/// A step that waits.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waits {
    pub run_id: RunId,
    pub step: StepName,
    /// Nothing if only time is to pass.
    pub signal: Option<SignalName>,
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Something said to a run.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Signal {
    pub run_id: RunId,
    pub name: SignalName,
    /// JSON.
    pub payload: String,
    pub sent_by: String,
    pub sent_at: DateTime<Utc>,
}

/// Steps wait from now on. One that is there already was kept by a commit whose answer got lost.
pub async fn insert_waits(tx: &mut Tx, waits: &[&Waits]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        waits,
        "INSERT INTO run_wait (run_id, step, signal, since, until)",
        5,
        |query, one| query.bind(one.run_id).bind(&one.step).bind(&one.signal).bind(one.since).bind(one.until),
        " ON CONFLICT (run_id, step) DO NOTHING"
    )
}

pub async fn waits_of(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Waits>, DbError> {
    fetch_portions!(
        *tx,
        runs,
        |count| format!("SELECT * FROM run_wait WHERE run_id IN ({})", places(count)),
        |sql| sqlx::query_as(&sql),
        |query, run| query.bind(*run)
    )
}

/// These steps of a run are to wait anew when they are done again.
pub async fn forget_waits(tx: &mut Tx, run: RunId, steps: &[StepName]) -> Result<(), DbError> {
    change_steps(tx, "DELETE FROM run_wait WHERE", run, steps).await
}

/// Waits that came to nothing are to begin anew.
pub async fn forget_failed_waits(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        runs,
        |count| format!(
            "DELETE FROM run_wait WHERE run_id IN ({}) AND EXISTS (SELECT 1 FROM attempt \
             WHERE attempt.run_id = run_wait.run_id AND attempt.step = run_wait.step AND attempt.state = 'failed')",
            places(count)
        ),
        |sql| sqlx::query(&sql),
        |query, run| query.bind(*run)
    )
}

/// Keeps a signal; `false` if one of this name was sent before.
pub async fn insert_signal(tx: &mut Tx, signal: &Signal) -> Result<bool, DbError> {
    let kept = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO run_signal (run_id, name, payload, sent_by, sent_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (run_id, name) DO NOTHING"
        )
        .bind(signal.run_id)
        .bind(&signal.name)
        .bind(&signal.payload)
        .bind(&signal.sent_by)
        .bind(signal.sent_at)
    )?;
    Ok(kept > 0)
}

pub async fn signals_of(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Signal>, DbError> {
    fetch_portions!(
        *tx,
        runs,
        |count| format!("SELECT * FROM run_signal WHERE run_id IN ({})", places(count)),
        |sql| sqlx::query_as(&sql),
        |query, run| query.bind(*run)
    )
}

/// How many signals were sent to each of these runs that was sent any.
pub async fn count_signals(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<(RunId, i64)>, DbError> {
    fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "SELECT run_id, COUNT(*) FROM run_signal WHERE run_id IN ({}) GROUP BY run_id",
            places(count)
        ),
        |sql| sqlx::query_as::<_, (RunId, i64)>(&sql),
        |query, run| query.bind(*run)
    )
}

/// What a run waits for or has waited for.
pub async fn waits_for(db: &Db, run: RunId) -> Result<Vec<Waits>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM run_wait WHERE run_id = $1 ORDER BY since, step")
        .bind(run).fetch_all(c).await)
}

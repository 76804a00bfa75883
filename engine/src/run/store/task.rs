//! The hot table: who is to work on what, and until when.

use chrono::{DateTime, Utc};
use domain::ids::RunId;
use domain::workflow::Priority;

use crate::db::rows::{
    change_runs, fetch_portions, insert_rows, places, places_after, run_portions, values, values_after,
};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What a worker asks for.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    pub worker: &'a str,
    pub at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub limit: usize,
}

/// What a worker has got: its own until the lease ends, as long as it names the epoch.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Claimed {
    pub run_id: RunId,
    pub lease_epoch: i64,
    pub crashes: i64,
    /// How many signals were sent to the run until now.
    pub signals: i64,
    /// Since when it could have been claimed.
    pub run_at: DateTime<Utc>,
    /// Until when it may go on at all.
    pub deadline: Option<DateTime<Utc>>,
}

impl Claimed {
    pub const fn lease(&self) -> Lease {
        Lease { run_id: self.run_id, lease_epoch: self.lease_epoch }
    }
}

/// The right to bring a run on: of all who ever claimed it, the one with the last epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::FromRow)]
pub struct Lease {
    pub run_id: RunId,
    pub lease_epoch: i64,
}

/// A task whose worker was not heard of in time.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Lost {
    pub run_id: RunId,
    pub lease_epoch: i64,
    pub crashes: i64,
    pub worker: Option<String>,
}

/// Where the task of a run stands.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Standing {
    pub run_at: DateTime<Utc>,
    pub worker: Option<String>,
    pub crashes: i64,
    pub taken: bool,
}

/// A task that is to be gone on with later.
#[derive(Clone, Copy, Debug)]
pub struct Parked {
    pub run_id: RunId,
    pub until: DateTime<Utc>,
    pub crashes: i64,
    /// How many signals its worker knew of.
    pub signals: i64,
}

/// What waits to be claimed.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Waiting {
    priority: i64,
    /// How many are due, up to a limit.
    pub due: i64,
    /// The one that is due for the longest time.
    pub oldest: Option<DateTime<Utc>>,
    pub later: i64,
}

impl Waiting {
    pub fn priority(&self) -> Priority {
        Priority::ALL.iter().copied().find(|priority| priority.rank() == self.priority).unwrap_or_default()
    }
}

/// A task for a run that has none.
#[derive(Clone, Copy, Debug)]
pub struct NewTask {
    pub run_id: RunId,
    pub priority: i64,
    pub run_at: DateTime<Utc>,
    /// The last one of an earlier task of the run, and how many signals were sent to it.
    pub lease_epoch: i64,
    pub signals: i64,
    /// Until when it may go on at all.
    pub deadline: Option<DateTime<Utc>>,
}

/// Makes runs claimable.
pub async fn enqueue(tx: &mut Tx, tasks: &[NewTask]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        tasks,
        "INSERT INTO task (run_id, state, priority, run_at, lease_epoch, signals, deadline)",
        7,
        |query, task| query
            .bind(task.run_id)
            .bind("pending")
            .bind(task.priority)
            .bind(task.run_at)
            .bind(task.lease_epoch)
            .bind(task.signals)
            .bind(task.deadline)
    )
}

/// Takes runs away from whoever has them. Answers with the last epoch of each that had a task.
pub async fn withdraw(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Lease>, DbError> {
    let and_hold = tx.for_update("task");
    let mut in_order = runs.to_vec();
    in_order.sort();
    let withdrawn = fetch_portions!(
        *tx,
        &in_order,
        |count| format!(
            "SELECT run_id, lease_epoch FROM task WHERE run_id IN ({}) ORDER BY run_id{and_hold}",
            places(count)
        ),
        |sql| sqlx::query_as::<_, Lease>(&sql),
        |query, run| query.bind(*run)
    )?;
    drop_tasks(tx, &withdrawn.iter().map(|lease| lease.run_id).collect::<Vec<_>>()).await?;
    Ok(withdrawn)
}

/// When a run that has a task is due, and whether somebody has it.
pub async fn task_of(db: &Db, run: RunId) -> Result<Option<Standing>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT run_at, worker, crashes, state = 'running' AS taken FROM task WHERE run_id = $1")
        .bind(run).fetch_optional(c).await)
}

/// Takes what is due, the most urgent first; several workers never take the same.
pub async fn claim(tx: &mut Tx, claim: Claim<'_>) -> Result<Vec<Claimed>, DbError> {
    // Looked for once and before anything is changed: within a join, PostgreSQL might look again for every row.
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT run_id AS id FROM task WHERE state = 'pending' AND priority = $3 AND run_at <= $4 \
         ORDER BY run_at LIMIT $5{}) \
         UPDATE task SET state = 'running', lease_epoch = lease_epoch + 1, lease_until = $1, worker = $2 \
         FROM due WHERE task.run_id = due.id RETURNING run_id, lease_epoch, crashes, signals, run_at, \
         deadline",
        tx.skip_locked()
    );
    let mut claimed: Vec<Claimed> = Vec::new();
    for priority in Priority::ALL.iter().map(|priority| priority.rank()) {
        let room = claim.limit.saturating_sub(claimed.len());
        if room > 0 {
            let more: Vec<Claimed> = on_tx!(*tx, c => sqlx::query_as(&sql)
                .bind(claim.until).bind(claim.worker).bind(priority).bind(claim.at)
                .bind(i64::try_from(room).unwrap_or(i64::MAX))
                .fetch_all(c).await)?;
            claimed.extend(more);
        }
    }
    Ok(claimed)
}

/// When there is next something to claim; in the past if there is something now.
pub async fn next_due(db: &Db) -> Result<Option<DateTime<Utc>>, DbError> {
    // One for each priority, for the index goes by that first.
    let first = |priority: &Priority| {
        format!(
            "SELECT MIN(run_at) AS due FROM task WHERE state = 'pending' AND priority = {}",
            priority.rank()
        )
    };
    let each: Vec<_> = Priority::ALL.iter().map(first).collect();
    let sql = format!("SELECT MIN(due) FROM ({}) AS first", each.join(" UNION ALL "));
    on_db!(db, c => sqlx::query_scalar(&sql).fetch_one(c).await)
}

/// Those of the leases that still hold. On PostgreSQL they are held on to until the transaction ends, and taken in the
/// order of their runs, so that two that want the same never wait in a circle.
pub async fn held(tx: &mut Tx, leases: &[Lease]) -> Result<Vec<Lease>, DbError> {
    let and_hold = tx.for_update("task");
    let mut in_order = leases.to_vec();
    in_order.sort_by_key(|lease| lease.run_id);
    fetch_portions!(
        *tx,
        &in_order,
        |count| format!(
            "SELECT task.run_id, task.lease_epoch FROM (VALUES {}) AS said CROSS JOIN task \
             WHERE task.run_id = said.column1 AND task.lease_epoch = said.column2 AND task.state = 'running' \
             ORDER BY task.run_id{and_hold}",
            values(count, 2)
        ),
        |sql| sqlx::query_as::<_, Lease>(&sql),
        |query, lease| query.bind(lease.run_id).bind(lease.lease_epoch)
    )
}

/// Holds on to the tasks of runs until the transaction ends, in the order of the runs. On SQLite nobody else writes.
pub async fn hold_tasks(tx: &mut Tx, runs: impl Iterator<Item = RunId>) -> Result<(), DbError> {
    let and_hold = tx.for_update("task");
    if and_hold.is_empty() {
        return Ok(());
    }
    let mut in_order: Vec<_> = runs.collect();
    in_order.sort();
    in_order.dedup();
    fetch_portions!(
        *tx,
        &in_order,
        |count| format!(
            "SELECT run_id FROM task WHERE run_id IN ({}) ORDER BY run_id{and_hold}",
            places(count)
        ),
        |sql| sqlx::query_scalar::<_, RunId>(&sql),
        |query, run| query.bind(*run)
    )
    .map(drop)
}

/// Lets leases last longer; answers with those that still hold.
pub async fn extend(tx: &mut Tx, leases: &[Lease], until: DateTime<Utc>) -> Result<Vec<Lease>, DbError> {
    let held = held(tx, leases).await?;
    run_portions!(
        *tx,
        &held,
        |count| format!("UPDATE task SET lease_until = $1 WHERE run_id IN ({})", places_after(1, count)),
        |sql| sqlx::query(&sql).bind(until),
        |query, lease| query.bind(lease.run_id)
    )?;
    Ok(held)
}

/// Lets tasks go until they are due again; at once if a signal has come that its worker did not know of. Only for leases
/// found to be held in this transaction.
pub async fn park(tx: &mut Tx, parked: &[Parked], at: DateTime<Utc>) -> Result<(), DbError> {
    run_portions!(
        *tx,
        parked,
        |count| format!(
            "UPDATE task SET state = 'pending', run_at = CASE WHEN task.signals > said.column4 THEN $1 ELSE said.column2 END, \
             crashes = said.column3, lease_until = NULL, worker = NULL FROM (VALUES {}) AS said \
             WHERE task.run_id = said.column1",
            values_after(1, count, 4)
        ),
        |sql| sqlx::query(&sql).bind(at),
        |query, one| query.bind(one.run_id).bind(one.until).bind(one.crashes).bind(one.signals)
    )
}

/// A signal was sent to a run that is not over: if nobody has it, it is due now. Answers whether there is a task.
pub async fn signal(tx: &mut Tx, run: RunId, at: DateTime<Utc>) -> Result<bool, DbError> {
    let told = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE task SET signals = signals + 1, \
             run_at = CASE WHEN state = 'pending' AND run_at > $2 THEN $2 ELSE run_at END WHERE run_id = $1"
        )
        .bind(run)
        .bind(at)
    )?;
    Ok(told > 0)
}

/// Progress was made: workers that were lost before count no more.
pub async fn forgive(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    change_runs(tx, "UPDATE task SET crashes = 0 WHERE", runs).await
}

/// Nothing is to be done for these runs any more.
pub async fn drop_tasks(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    change_runs(tx, "DELETE FROM task WHERE", runs).await
}

/// Takes tasks from workers that were not heard of in time, so that others can claim them.
pub async fn lost(tx: &mut Tx, at: DateTime<Utc>, limit: i64) -> Result<Vec<Lost>, DbError> {
    // The name of the worker stays until the next claim: RETURNING answers with what stands there afterwards.
    let sql = format!(
        "WITH late AS MATERIALIZED (SELECT run_id AS id FROM task WHERE state = 'running' AND lease_until < $1 \
         ORDER BY lease_until LIMIT $2{}) \
         UPDATE task SET state = 'pending', run_at = $1, lease_until = NULL, crashes = crashes + 1 \
         FROM late WHERE task.run_id = late.id RETURNING run_id, lease_epoch, crashes, worker",
        tx.skip_locked()
    );
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(at).bind(limit).fetch_all(c).await)
}

/// What waits, by priority. Counts no further than the limit.
pub async fn lag(db: &Db, at: DateTime<Utc>, limit: i64) -> Result<Vec<Waiting>, DbError> {
    let mut all = Vec::new();
    for priority in Priority::ALL.iter().map(|priority| priority.rank()) {
        let one: Waiting = on_db!(db, c => sqlx::query_as(
            "SELECT $1 AS priority, \
             (SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE state = 'pending' AND priority = $1 AND run_at <= $2 LIMIT $3) AS d) AS due, \
             (SELECT MIN(run_at) FROM task WHERE state = 'pending' AND priority = $1 AND run_at <= $2) AS oldest, \
             (SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE state = 'pending' AND priority = $1 AND run_at > $2 LIMIT $3) AS l) AS later"
        ).bind(priority).bind(at).bind(limit).fetch_one(c).await)?;
        all.push(one);
    }
    Ok(all)
}

use chrono::{DateTime, Utc};
use domain::errand::ErrandState;
use domain::ids::{ErrandId, RunId};
use domain::run::{Mishap, POISON};
use domain::workflow::{QueueName, StepName, WorkflowName};

use crate::artifact::{self, Aside};
use crate::db::rows::{change_runs, change_steps, fetch_portions, insert_rows, places, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// An errand that is to be offered.
#[derive(Clone, Debug)]
pub struct Offered {
    pub id: ErrandId,
    pub run_id: RunId,
    pub step: StepName,
    pub number: i64,
    pub workflow: WorkflowName,
    pub queue: QueueName,
    pub priority: i64,
    /// JSON.
    pub input: String,
    pub offered_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// An errand as its run knows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Errand {
    pub id: ErrandId,
    pub run_id: RunId,
    pub step: StepName,
    pub state: ErrandState,
    pub queue: QueueName,
    pub offered_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub lease_epoch: i64,
    pub worker: Option<String>,
    pub taken_at: Option<DateTime<Utc>>,
    pub losses: i64,
    pub output: Option<String>,
    pub confidence: Option<f64>,
    pub error: Option<String>,
    pub mishap: Option<Mishap>,
}

const COLUMNS: &str = "id, run_id, step, state, queue, offered_at, until, lease_epoch, worker, taken_at, losses, output, \
                       confidence, error, mishap";

impl Errand {
    /// Whether something may still be brought back.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, ErrandState::Offered | ErrandState::Taken)
    }
}

impl From<&Offered> for Errand {
    fn from(offered: &Offered) -> Self {
        Self {
            id: offered.id,
            run_id: offered.run_id,
            step: offered.step.clone(),
            state: ErrandState::Offered,
            queue: offered.queue.clone(),
            offered_at: offered.offered_at,
            until: offered.until,
            lease_epoch: 0,
            worker: None,
            taken_at: None,
            losses: 0,
            output: None,
            confidence: None,
            error: None,
            mishap: None,
        }
    }
}

/// What a program has got: its own until the lease ends, as long as it names the epoch.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Taken {
    pub id: ErrandId,
    pub run_id: RunId,
    pub step: StepName,
    pub number: i64,
    pub workflow: WorkflowName,
    /// JSON.
    pub input: String,
    pub lease_epoch: i64,
    pub lease_until: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Who asks for errands, of what, and how many.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub queue: &'a QueueName,
    pub worker: &'a str,
    pub at: DateTime<Utc>,
    pub lease_until: DateTime<Utc>,
    pub limit: i64,
}

/// How an errand ended.
#[derive(Clone, Debug)]
pub struct Ending {
    pub state: ErrandState,
    /// JSON.
    pub output: Option<String>,
    pub confidence: Option<f64>,
    pub error: Option<String>,
    pub mishap: Option<Mishap>,
}

/// What waits for programs.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ErrandQueue {
    pub queue: QueueName,
    /// How many are offered, up to a limit, and since when the first of them.
    pub offered: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub taken: i64,
}

/// Offers errands. One that is there already was kept by a commit whose answer got lost.
pub async fn offer(tx: &mut Tx, errands: &[&Offered]) -> Result<(), DbError> {
    let mut aside = Aside::default();
    let rows: Vec<_> = errands.iter().map(|one| (*one, aside.text(one.run_id, &one.input))).collect();
    artifact::keep(tx, aside.artifacts()).await?;
    insert_rows!(
        *tx,
        &rows,
        "INSERT INTO errand (state, id, run_id, step, number, workflow, queue, priority, input, offered_at, until)",
        11,
        |query, (one, input)| query
            .bind(ErrandState::Offered)
            .bind(one.id)
            .bind(one.run_id)
            .bind(&one.step)
            .bind(one.number)
            .bind(&one.workflow)
            .bind(&one.queue)
            .bind(one.priority)
            .bind(input.as_ref())
            .bind(one.offered_at)
            .bind(one.until),
        " ON CONFLICT (id) DO NOTHING"
    )
}

/// What was offered for these runs and counts for them.
pub async fn current_of(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Errand>, DbError> {
    let mut errands: Vec<Errand> = fetch_portions!(
        *tx,
        runs,
        |count| format!("SELECT {COLUMNS} FROM errand WHERE current AND run_id IN ({})", places(count)),
        |sql| sqlx::query_as(&sql),
        |query, run| query.bind(*run)
    )?;
    artifact::bring_back(tx, errands.iter_mut().filter_map(|it| it.output.as_mut()).collect()).await?;
    Ok(errands)
}

/// Those that nobody has brought anything back of.
pub async fn open_among(tx: &mut Tx, errands: &[ErrandId]) -> Result<Vec<ErrandId>, DbError> {
    let and_hold = tx.for_update("errand");
    fetch_portions!(
        *tx,
        errands,
        |count| format!(
            "SELECT id FROM errand WHERE state IN ('offered', 'taken') AND id IN ({}) ORDER BY id{and_hold}",
            places(count)
        ),
        |sql| sqlx::query_scalar::<_, ErrandId>(&sql),
        |query, id| query.bind(*id)
    )
}

/// Nobody has brought anything back in time. Only for errands found to be open in this transaction.
pub async fn lapse(tx: &mut Tx, errands: &[ErrandId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        errands,
        |count| format!(
            "UPDATE errand SET state = 'lapsed', current = FALSE WHERE id IN ({})",
            places(count)
        ),
        |sql| sqlx::query(&sql),
        |query, id| query.bind(*id)
    )
}

/// What was brought back was taken into account: another try is another errand.
pub async fn give_up(tx: &mut Tx, errands: &[ErrandId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        errands,
        |count| format!("UPDATE errand SET current = FALSE WHERE id IN ({})", places(count)),
        |sql| sqlx::query(&sql),
        |query, id| query.bind(*id)
    )
}

/// The runs have ended: nobody needs it any more.
pub async fn withdraw(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    const OPEN: &str = "UPDATE errand SET state = 'withdrawn', current = FALSE \
                        WHERE current AND state IN ('offered', 'taken') AND";
    change_runs(tx, OPEN, runs).await
}

/// These steps of a run are done again.
pub async fn forget(tx: &mut Tx, run: RunId, steps: &[StepName]) -> Result<(), DbError> {
    change_steps(tx, "UPDATE errand SET current = FALSE WHERE current AND", run, steps).await
}

/// What failed is done again when its run is tried again.
pub async fn forget_failed(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    change_runs(tx, "UPDATE errand SET current = FALSE WHERE current AND state <> 'done' AND", runs).await
}

/// Takes what is offered, the most urgent first; several programs never take the same.
pub async fn take(tx: &mut Tx, ask: Ask<'_>) -> Result<Vec<Taken>, DbError> {
    let sql = format!(
        "WITH next AS MATERIALIZED (SELECT id AS errand FROM errand WHERE state = 'offered' AND queue = $1 AND until > $2 \
         ORDER BY priority, id LIMIT $3{}) \
         UPDATE errand SET state = 'taken', lease_epoch = lease_epoch + 1, lease_until = $4, worker = $5, taken_at = $2 \
         FROM next WHERE errand.id = next.errand \
         RETURNING id, run_id, step, number, workflow, input, lease_epoch, lease_until, until",
        tx.skip_locked()
    );
    let mut taken: Vec<Taken> = on_tx!(*tx, c => sqlx::query_as(&sql)
        .bind(ask.queue).bind(ask.at).bind(ask.limit).bind(ask.lease_until).bind(ask.worker)
        .fetch_all(c).await)?;
    artifact::bring_back(tx, taken.iter_mut().map(|taken| &mut taken.input).collect()).await?;
    Ok(taken)
}

/// Lets a lease last longer; answers whether it still held.
pub async fn extend(tx: &mut Tx, id: ErrandId, epoch: i64, until: DateTime<Utc>) -> Result<bool, DbError> {
    let held = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE errand SET lease_until = $3 WHERE id = $1 AND lease_epoch = $2 AND state = 'taken'"
        )
        .bind(id)
        .bind(epoch)
        .bind(until)
    )?;
    Ok(held > 0)
}

/// Ends an errand for whoever has it; answers whether they still did.
pub async fn end(
    tx: &mut Tx,
    (id, run): (ErrandId, RunId),
    epoch: i64,
    ending: &Ending,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let mut aside = Aside::default();
    let output = aside.maybe(run, ending.output.as_deref());
    let held = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE errand SET state = $3, output = $4, confidence = $5, error = $6, mishap = $7, ended_at = $8, \
             lease_until = NULL WHERE id = $1 AND lease_epoch = $2 AND state = 'taken'"
        )
        .bind(id)
        .bind(epoch)
        .bind(ending.state)
        .bind(output.as_deref())
        .bind(ending.confidence)
        .bind(&ending.error)
        .bind(ending.mishap)
        .bind(at)
    )?;
    if held > 0 {
        artifact::keep(tx, aside.artifacts()).await?;
    }
    Ok(held > 0)
}

/// Offers again what was taken by programs that were not heard of in time, unless that takes programs down. Answers how
/// many there were.
pub async fn offer_again(tx: &mut Tx, at: DateTime<Utc>, limit: i64) -> Result<u64, DbError> {
    let sql = format!(
        "WITH late AS MATERIALIZED (SELECT id AS errand FROM errand WHERE state = 'taken' AND lease_until < $1 \
         AND losses + 1 < $3 ORDER BY lease_until LIMIT $2{}) \
         UPDATE errand SET state = 'offered', losses = losses + 1, lease_until = NULL FROM late \
         WHERE errand.id = late.errand",
        tx.skip_locked()
    );
    run_tx!(*tx, sqlx::query(&sql).bind(at).bind(limit).bind(POISON))
}

/// What has lost one program too many: looked at only, and with its run.
pub async fn poisonous(db: &Db, at: DateTime<Utc>, limit: i64) -> Result<Vec<(ErrandId, RunId)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT id, run_id FROM errand WHERE state = 'taken' AND lease_until < $1 AND losses + 1 >= $2 \
         ORDER BY lease_until LIMIT $3"
    ).bind(at).bind(POISON).bind(limit).fetch_all(c).await)
}

/// Fails an errand that takes programs down, if it still does. Only for whoever holds the task of its run.
pub async fn give_up_poisonous(tx: &mut Tx, id: ErrandId, at: DateTime<Utc>) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE errand SET state = 'failed', losses = losses + 1, lease_until = NULL, ended_at = $2 \
             WHERE id = $1 AND state = 'taken' AND lease_until < $2 AND losses + 1 >= $3"
        )
        .bind(id)
        .bind(at)
        .bind(POISON)
    )
    .map(drop)
}

pub async fn errand(db: &Db, id: ErrandId) -> Result<Option<Errand>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM errand WHERE id = $1");
    let mut errand: Option<Errand> = on_db!(db, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)?;
    artifact::bring_back_now(db, errand.iter_mut().filter_map(|it| it.output.as_mut()).collect()).await?;
    Ok(errand)
}

/// Whether there is something to take: asked again and again by those who wait, and so without a transaction.
pub async fn is_any_offered(db: &Db, queue: &QueueName, at: DateTime<Utc>) -> Result<bool, DbError> {
    let first: Option<i32> = on_db!(db, c => sqlx::query_scalar(
        "SELECT 1 FROM errand WHERE state = 'offered' AND queue = $1 AND until > $2 LIMIT 1"
    ).bind(queue).bind(at).fetch_optional(c).await)?;
    Ok(first.is_some())
}

/// What waits for programs, by queue. Counts no further than the limit.
pub async fn queues(db: &Db, limit: i64) -> Result<Vec<ErrandQueue>, DbError> {
    // From one queue to the next by the index; what is taken is no more than there are programs.
    on_db!(db, c => sqlx::query_as(
        "WITH RECURSIVE offering (queue) AS (SELECT MIN(queue) FROM errand WHERE state = 'offered' UNION ALL \
         SELECT (SELECT MIN(queue) FROM errand WHERE state = 'offered' AND errand.queue > offering.queue) FROM offering \
         WHERE offering.queue IS NOT NULL), \
         taken (queue, count) AS (SELECT queue, COUNT(*) FROM errand WHERE state = 'taken' GROUP BY queue), \
         every (queue) AS (SELECT queue FROM offering WHERE queue IS NOT NULL UNION SELECT queue FROM taken) \
         SELECT every.queue, \
         (SELECT COUNT(*) FROM (SELECT 1 FROM errand WHERE state = 'offered' AND errand.queue = every.queue LIMIT $1) AS o) AS offered, \
         (SELECT MIN(offered_at) FROM (SELECT offered_at FROM errand WHERE state = 'offered' AND errand.queue = every.queue \
          LIMIT $1) AS o) AS oldest, \
         COALESCE((SELECT taken.count FROM taken WHERE taken.queue = every.queue), 0) AS taken \
         FROM every ORDER BY every.queue"
    ).bind(limit).fetch_all(c).await)
}

use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::ids::{BatchId, ProjectId};
use domain::payment::{BatchState, Due, Thresholds};
use domain::period::Period;

use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What all people get for one period in one currency.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Batch {
    pub id: BatchId,
    from_on: NaiveDate,
    until_on: NaiveDate,
    pub currency: Currency,
    pub cut_off_on: NaiveDate,
    pub pay_on: NaiveDate,
    pub state: BatchState,
    pub version: i64,
    /// It was looked through as it was then.
    pub settled: i64,
    pub digest: Option<Vec<u8>>,
    pub approved_at: Option<DateTime<Utc>>,
    /// Looked through again then, though nothing of it has changed.
    pub look_again_at: Option<DateTime<Utc>>,
}

impl Batch {
    pub const fn period(&self) -> Period {
        Period { from: self.from_on, until: self.until_on }
    }

    pub const fn is_open(&self) -> bool {
        matches!(self.state, BatchState::Open)
    }
}

const ONE: &str = "SELECT * FROM pay_batch WHERE id = $1";

pub async fn by_id(db: &Db, id: BatchId) -> Result<Option<Batch>, DbError> {
    on_db!(db, c => sqlx::query_as(ONE).bind(id).fetch_optional(c).await)
}

pub async fn by_id_in(tx: &mut Tx, id: BatchId) -> Result<Option<Batch>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(ONE).bind(id).fetch_optional(c).await)
}

/// The open batch of what is due, made if there is none yet.
pub async fn open(tx: &mut Tx, due: &Due, new: BatchId) -> Result<BatchId, DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pay_batch (id, from_on, until_on, currency, cut_off_on, pay_on, state) \
             VALUES ($1, $2, $3, $4, $3, $3, 'open') ON CONFLICT (from_on, until_on, currency) DO NOTHING"
        )
        .bind(new)
        .bind(due.period.from)
        .bind(due.period.until)
        .bind(&due.currency)
    )?;
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT id FROM pay_batch WHERE from_on = $1 AND until_on = $2 AND currency = $3"
    ).bind(due.period.from).bind(due.period.until).bind(&due.currency).fetch_one(c).await)
}

/// Its next version.
pub async fn touch(tx: &mut Tx, id: BatchId) -> Result<i64, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "UPDATE pay_batch SET version = version + 1 WHERE id = $1 RETURNING version"
    ).bind(id).fetch_one(c).await)
}

/// Those that have changed since they were looked through.
pub async fn unsettled(db: &Db, at: DateTime<Utc>) -> Result<Vec<Batch>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM pay_batch WHERE state = 'open' AND (settled <> version OR look_again_at <= $1) \
         ORDER BY until_on, id LIMIT 100"
    ).bind(at).fetch_all(c).await)
}

/// All that are open are to be looked through again; who looks through one just now does it once more.
pub async fn unsettle(tx: &mut Tx) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("UPDATE pay_batch SET version = version + 1 WHERE state = 'open'")).map(drop)
}

/// It was looked through as it was at this version.
pub async fn settle(
    tx: &mut Tx,
    batch: &Batch,
    projects: &[ProjectId],
    (cut_off_on, pay_on): (NaiveDate, NaiveDate),
    look_again_at: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE pay_batch SET settled = $2, cut_off_on = $3, pay_on = $4, look_again_at = $5 WHERE id = $1"
        )
        .bind(batch.id)
        .bind(batch.version)
        .bind(cut_off_on)
        .bind(pay_on)
        .bind(look_again_at)
    )?;
    run_tx!(*tx, sqlx::query("DELETE FROM pay_batch_project WHERE batch_id = $1").bind(batch.id))?;
    insert_rows!(
        *tx,
        projects,
        "INSERT INTO pay_batch_project (batch_id, project_id)",
        2,
        |query, project| query.bind(batch.id).bind(*project)
    )
}

/// The projects whose lines it had when it was looked through last.
pub async fn projects(db: &Db, id: BatchId) -> Result<Vec<ProjectId>, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT project_id FROM pay_batch_project WHERE batch_id = $1 ORDER BY project_id"
    ).bind(id).fetch_all(c).await)
}

pub async fn approve(tx: &mut Tx, id: BatchId, digest: &[u8], at: DateTime<Utc>) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query("UPDATE pay_batch SET state = 'approved', digest = $2, approved_at = $3 WHERE id = $1")
            .bind(id)
            .bind(digest)
            .bind(at)
    )
    .map(drop)
}

/// A batch in a list, with its sums.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Summed {
    #[sqlx(flatten)]
    pub batch: Batch,
    /// Of those that are paid with it.
    pub people: i64,
    pub minor: i64,
    pub held: i64,
    /// What nobody has looked at yet.
    pub findings: i64,
    /// So many payments are more than nothing; of those, so many are in a file, and so many have arrived.
    pub payable: i64,
    pub sent: i64,
    pub paid: i64,
}

/// The latest first; those that nobody is in are not worth a line.
pub async fn list(db: &Db, after: Option<BatchId>, limit: i64) -> Result<Vec<Summed>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT b.*, \
         (SELECT COUNT(*) FROM payment p WHERE p.batch_id = b.id AND p.held_for IS NULL) AS people, \
         (SELECT CAST(COALESCE(SUM(p.pay_minor), 0) AS BIGINT) FROM payment p \
          WHERE p.batch_id = b.id AND p.held_for IS NULL) AS minor, \
         (SELECT COUNT(*) FROM payment p WHERE p.batch_id = b.id AND p.held_for IS NOT NULL) AS held, \
         (SELECT COUNT(*) FROM pay_finding f WHERE f.batch_id = b.id AND f.accepted_for IS NULL \
          AND NOT EXISTS (SELECT 1 FROM payment h WHERE h.batch_id = b.id AND h.person_id = f.subject_id \
                          AND h.held_for IS NOT NULL)) AS findings, \
         (SELECT COUNT(*) FROM payment p WHERE p.batch_id = b.id AND p.held_for IS NULL AND p.pay_minor > 0) AS payable, \
         (SELECT COUNT(*) FROM transfer t WHERE t.batch_id = b.id AND t.state = 'sent') AS sent, \
         (SELECT COUNT(*) FROM transfer t WHERE t.batch_id = b.id AND t.state = 'paid') AS paid \
         FROM pay_batch b WHERE EXISTS (SELECT 1 FROM payment p WHERE p.batch_id = b.id) \
         AND ($1 IS NULL OR (b.until_on, b.id) < (SELECT k.until_on, k.id FROM pay_batch k WHERE k.id = $1)) \
         ORDER BY b.until_on DESC, b.id DESC LIMIT $2"
    ).bind(after).bind(limit).fetch_all(c).await)
}

/// How many open batches have ended before a day.
pub async fn ended(db: &Db, before: NaiveDate) -> Result<i64, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM pay_batch b WHERE b.state = 'open' AND b.until_on < $1 \
         AND EXISTS (SELECT 1 FROM payment p WHERE p.batch_id = b.id)"
    ).bind(before).fetch_one(c).await)
}

const THRESHOLDS: &str = "SELECT thresholds, version FROM pay_thresholds WHERE id = 1";

/// Those that were set, with their version; 0 as long as nobody has set any.
pub async fn thresholds(db: &Db) -> Result<(Thresholds, i64), crate::Error> {
    let set: Option<(String, i64)> = on_db!(db, c => sqlx::query_as(THRESHOLDS).fetch_optional(c).await)?;
    match set {
        Some((text, version)) => Ok((serde_json::from_str(&text)?, version)),
        None => Ok((Thresholds::default(), 0)),
    }
}

/// Writes the next version, if nobody else has since this one was read.
pub async fn set_thresholds(tx: &mut Tx, thresholds: &str, version: i64) -> Result<bool, DbError> {
    let set = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pay_thresholds (id, thresholds, version) VALUES (1, $1, $2 + 1) \
             ON CONFLICT (id) DO UPDATE SET thresholds = $1, version = $2 + 1 WHERE pay_thresholds.version = $2"
        )
        .bind(thresholds)
        .bind(version)
    )?;
    Ok(set == 1)
}

use chrono::{DateTime, Utc};
use domain::ids::{BatchId, PaymentId, PersonId};
use domain::people::PersonName;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// Somebody has said yes to exactly this.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Approval {
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub digest: Vec<u8>,
    pub at: DateTime<Utc>,
}

pub async fn of(db: &Db, batch: BatchId) -> Result<Vec<Approval>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT a.person_id, n.name AS person_name, a.digest, a.at FROM pay_approval a \
         JOIN person n ON n.id = a.person_id WHERE a.batch_id = $1 ORDER BY a.at, a.person_id"
    ).bind(batch).fetch_all(c).await)
}

/// Who has said yes to the same.
pub async fn same(tx: &mut Tx, batch: BatchId, digest: &[u8]) -> Result<Vec<PersonId>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT person_id FROM pay_approval WHERE batch_id = $1 AND digest = $2"
    ).bind(batch).bind(digest).fetch_all(c).await)
}

pub async fn put(
    tx: &mut Tx,
    batch: BatchId,
    person: PersonId,
    digest: &[u8],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pay_approval (batch_id, person_id, digest, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (batch_id, person_id) DO UPDATE SET digest = $3, at = $4"
        )
        .bind(batch)
        .bind(person)
        .bind(digest)
        .bind(at)
    )
    .map(drop)
}

/// Whether somebody's own pay is in a batch, and whether they wrote a rate that it is paid by.
pub async fn stakes(db: &Db, batch: BatchId, person: PersonId) -> Result<(bool, bool), DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM payment WHERE batch_id = $1 AND person_id = $2 AND held_for IS NULL), \
         EXISTS (SELECT 1 FROM payment p JOIN payment_rate x ON x.payment_id = p.id JOIN rate r ON r.id = x.rate_id \
                 WHERE p.batch_id = $1 AND p.held_for IS NULL AND r.written_by = $2)"
    ).bind(batch).bind(person).fetch_one(c).await)
}

/// Approves the lines of all payments that are not held, as they were consolidated; answers how many.
pub async fn approve_lines(tx: &mut Tx, batch: BatchId, at: DateTime<Utc>) -> Result<u64, DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE timesheet_line SET state = 'approved', changed_at = $2 \
             FROM payment_line x JOIN payment p ON p.id = x.payment_id \
             WHERE p.batch_id = $1 AND p.held_for IS NULL AND timesheet_line.id = x.line_id \
             AND timesheet_line.version = x.line_version AND timesheet_line.state = 'submitted'"
        )
        .bind(batch)
        .bind(at)
    )
}

/// Takes back what is reversed with the payments that are not held; answers how many lines.
pub async fn take_back(tx: &mut Tx, batch: BatchId) -> Result<u64, DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE pay_reversal SET payment_id = p.id FROM payment_line x JOIN payment p ON p.id = x.payment_id \
             WHERE p.batch_id = $1 AND p.held_for IS NULL AND x.line_id = pay_reversal.id \
             AND pay_reversal.payment_id IS NULL"
        )
        .bind(batch)
    )
}

/// Makes up for what was owed, and notes what is owed from now on; answers whether it was what the payments say.
pub async fn carry(tx: &mut Tx, batch: BatchId) -> Result<bool, DbError> {
    let made_up: Vec<i64> = on_tx!(*tx, c => sqlx::query_scalar(
        "UPDATE pay_carry SET into_id = p.id FROM payment p JOIN pay_batch b ON b.id = p.batch_id \
         WHERE p.batch_id = $1 AND p.held_for IS NULL AND p.carried_minor <> 0 AND p.person_id = pay_carry.person_id \
         AND b.currency = pay_carry.currency AND pay_carry.into_id IS NULL RETURNING pay_carry.minor"
    ).bind(batch).fetch_all(c).await)?;
    let said: i64 = on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(carried_minor), 0) AS BIGINT) FROM payment WHERE batch_id = $1 AND held_for IS NULL"
    ).bind(batch).fetch_one(c).await)?;
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pay_carry (payment_id, person_id, currency, minor) \
             SELECT p.id, p.person_id, b.currency, p.minor + p.carried_minor FROM payment p \
             JOIN pay_batch b ON b.id = p.batch_id \
             WHERE p.batch_id = $1 AND p.held_for IS NULL AND p.minor + p.carried_minor < 0"
        )
        .bind(batch)
    )?;
    Ok(said == made_up.iter().sum::<i64>())
}

/// The payments whose lines go on to the next batch.
pub async fn going_on(tx: &mut Tx, batch: BatchId) -> Result<Vec<PaymentId>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT id FROM payment WHERE batch_id = $1 AND held_for IS NOT NULL"
    ).bind(batch).fetch_all(c).await)
}

/// How many lines are paid, in how many payments, and what they come to.
pub async fn sums(tx: &mut Tx, batch: BatchId) -> Result<(i64, i64, i64), DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(lines), 0) AS BIGINT), COUNT(*), CAST(COALESCE(SUM(pay_minor), 0) AS BIGINT) \
         FROM payment WHERE batch_id = $1 AND held_for IS NULL"
    ).bind(batch).fetch_one(c).await)
}

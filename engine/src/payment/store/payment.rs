//! Payments as they are written while they are open.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::ids::{BatchId, LineId, PaymentId, PersonId, RateId, ReversalId};
use domain::payment::{Draft, Due};
use domain::period::Period;

use crate::db::rows::{fetch_portions, insert_rows, places, run_portions};
use crate::db::{DbError, Tx};
use crate::run_tx;

/// A payment that is not approved, as it was consolidated last.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Standing {
    pub id: PaymentId,
    pub batch_id: BatchId,
    pub person_id: PersonId,
    pub lines: i64,
    pub minor: i64,
    pub digest: Vec<u8>,
    pub marks: String,
    from_on: NaiveDate,
    until_on: NaiveDate,
    currency: Currency,
}

impl Standing {
    pub fn due(&self) -> Due {
        let period = Period { from: self.from_on, until: self.until_on };
        Due { period, currency: self.currency.clone() }
    }
}

/// Read where they are written: only whoever has the turn changes them.
pub async fn standing(tx: &mut Tx, people: &[PersonId]) -> Result<Vec<Standing>, DbError> {
    fetch_portions!(
        *tx,
        people,
        |count| format!(
            "SELECT p.id, p.batch_id, p.person_id, p.lines, p.pay_minor AS minor, p.digest, p.marks, b.from_on, b.until_on, \
             b.currency FROM payment p JOIN pay_batch b ON b.id = p.batch_id \
             WHERE b.state = 'open' AND p.person_id IN ({})",
            places(count)
        ),
        |sql| sqlx::query_as::<_, Standing>(&sql),
        |query, person| query.bind(*person)
    )
}

/// A payment to be written.
pub struct Written<'a> {
    pub id: PaymentId,
    pub batch_id: BatchId,
    pub person_id: PersonId,
    pub draft: &'a Draft,
    pub digest: Vec<u8>,
    pub marks: String,
}

/// A line is taken back, with what it was paid by; answers whether it was not already.
pub async fn reverse(
    tx: &mut Tx,
    id: ReversalId,
    line: LineId,
    reason: &str,
    (by, at): (Option<PersonId>, DateTime<Utc>),
) -> Result<bool, DbError> {
    let done = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pay_reversal (id, line_id, person_id, project_id, task_type_id, work_on, minutes, units, rate_id, \
             hour_price, unit_price, reason, written_by, written_at) \
             SELECT $1, t.id, t.person_id, t.project_id, t.task_type_id, t.work_on, t.minutes, t.units, x.rate_id, \
             x.hour_price, x.unit_price, $3, $4, $5 FROM timesheet_line t JOIN payment_line x ON x.line_id = t.id \
             WHERE t.id = $2 AND t.state = 'approved' ON CONFLICT (line_id) DO NOTHING"
        )
        .bind(id)
        .bind(line)
        .bind(reason)
        .bind(by)
        .bind(at)
    )?;
    Ok(done == 1)
}

/// Takes the lines of payments out, and what was counted of them.
pub async fn empty(tx: &mut Tx, payments: &[PaymentId]) -> Result<(), DbError> {
    for table in ["payment_line", "payment_share", "payment_rate"] {
        run_portions!(
            *tx,
            payments,
            |count| format!("DELETE FROM {table} WHERE payment_id IN ({})", places(count)),
            |sql| sqlx::query(&sql),
            |query, payment| query.bind(*payment)
        )?;
    }
    Ok(())
}

/// Those that are empty already.
pub async fn delete(tx: &mut Tx, payments: &[PaymentId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        payments,
        |count| format!("DELETE FROM payment WHERE id IN ({})", places(count)),
        |sql| sqlx::query(&sql),
        |query, payment| query.bind(*payment)
    )
}

/// Writes payments, with their lines and what is counted of them. There must be no lines of them any more.
pub async fn write(tx: &mut Tx, payments: &[Written<'_>]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        payments,
        "INSERT INTO payment (id, batch_id, person_id, lines, minutes, units, minor, carried_minor, pay_minor, marks, \
         digest)",
        11,
        |query, it| query
            .bind(it.id)
            .bind(it.batch_id)
            .bind(it.person_id)
            .bind(it.draft.total.lines)
            .bind(it.draft.total.minutes)
            .bind(it.draft.total.units)
            .bind(it.draft.total.minor)
            .bind(it.draft.carried)
            .bind(it.draft.pays())
            .bind(&it.marks)
            .bind(&it.digest),
        " ON CONFLICT (id) DO UPDATE SET lines = excluded.lines, minutes = excluded.minutes, units = excluded.units, \
         minor = excluded.minor, carried_minor = excluded.carried_minor, pay_minor = excluded.pay_minor, \
         marks = excluded.marks, digest = excluded.digest"
    )?;
    let lines: Vec<_> =
        payments.iter().flat_map(|it| it.draft.lines.iter().map(|line| (it.id, line))).collect();
    insert_rows!(
        *tx,
        &lines,
        "INSERT INTO payment_line (line_id, line_version, payment_id, rate_id, hour_price, unit_price, minor)",
        7,
        |query, (payment, line)| query
            .bind(line.line_id)
            .bind(line.line_version)
            .bind(*payment)
            .bind(line.rate_id)
            .bind(line.pay.hour)
            .bind(line.pay.unit)
            .bind(line.minor)
    )?;
    let shares: Vec<_> =
        payments.iter().flat_map(|it| it.draft.shares.iter().map(|share| (it.id, share))).collect();
    insert_rows!(
        *tx,
        &shares,
        "INSERT INTO payment_share (payment_id, project_id, task_type_id, monday, lines, minutes, units, minor)",
        8,
        |query, (payment, ((project, task, week), share))| query
            .bind(*payment)
            .bind(*project)
            .bind(*task)
            .bind(week.monday())
            .bind(share.lines)
            .bind(share.minutes)
            .bind(share.units)
            .bind(share.minor)
    )?;
    let mut rates: Vec<(PaymentId, RateId)> = lines.iter().map(|(id, line)| (*id, line.rate_id)).collect();
    rates.sort_unstable();
    rates.dedup();
    insert_rows!(
        *tx,
        &rates,
        "INSERT INTO payment_rate (payment_id, rate_id)",
        2,
        |query, (payment, rate)| query.bind(*payment).bind(*rate)
    )
}

/// How a payment has changed with a version of its batch.
#[derive(Clone, Debug)]
pub struct Change {
    pub batch_id: BatchId,
    pub version: i64,
    pub person_id: PersonId,
    pub lines: (i64, i64),
    pub minor: (i64, i64),
}

pub async fn note_changes(tx: &mut Tx, changes: &[Change], at: DateTime<Utc>) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        changes,
        "INSERT INTO pay_change (batch_id, version, person_id, lines_before, minor_before, lines_after, minor_after, at)",
        8,
        |query, it| query
            .bind(it.batch_id)
            .bind(it.version)
            .bind(it.person_id)
            .bind(it.lines.0)
            .bind(it.minor.0)
            .bind(it.lines.1)
            .bind(it.minor.1)
            .bind(at)
    )
}

/// Holds a payment back, or lets it go.
pub async fn hold(
    tx: &mut Tx,
    payment: PaymentId,
    held: Option<(&str, Option<PersonId>, DateTime<Utc>)>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query("UPDATE payment SET held_for = $2, held_by = $3, held_at = $4 WHERE id = $1")
            .bind(payment)
            .bind(held.map(|held| held.0))
            .bind(held.and_then(|held| held.1))
            .bind(held.map(|held| held.2))
    )
    .map(drop)
}

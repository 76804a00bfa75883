//! Payments as they are looked at.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::ids::{BatchId, LineId, PaymentId, PersonId, ProjectId, TaskTypeId};
use domain::money::WorkPrice;
use domain::payment::BatchState;
use domain::payout::TransferState;
use domain::people::PersonName;
use domain::period::Period;
use domain::project::{ProjectCode, TaskName, UnitName};
use domain::timesheet::{LineNote, LineState, Stints};

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx};

/// A payment in its batch.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Payment {
    pub id: PaymentId,
    pub batch_id: BatchId,
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub lines: i64,
    pub minutes: i64,
    pub units: i64,
    /// What its lines come to, what was owed from before, and what is paid of both.
    pub minor: i64,
    pub carried_minor: i64,
    pub pay_minor: i64,
    pub marks: String,
    pub digest: Vec<u8>,
    pub held_for: Option<String>,
    pub held_at: Option<DateTime<Utc>>,
    pub held_by: Option<PersonName>,
}

const PAYMENTS: &str = "SELECT p.id, p.batch_id, p.person_id, n.name AS person_name, p.lines, p.minutes, p.units, \
     p.minor, p.carried_minor, p.pay_minor, p.marks, p.digest, p.held_for, p.held_at, h.name AS held_by \
     FROM payment p JOIN person n ON n.id = p.person_id LEFT JOIN person h ON h.id = p.held_by";

/// In the order of their people's ids, which is the one that is approved.
pub async fn payments(db: &Db, batch: BatchId) -> Result<Vec<Payment>, DbError> {
    let sql = format!("{PAYMENTS} WHERE p.batch_id = $1 ORDER BY p.person_id");
    on_db!(db, c => sqlx::query_as(&sql).bind(batch).fetch_all(c).await)
}

pub async fn payments_in(tx: &mut Tx, batch: BatchId) -> Result<Vec<Payment>, DbError> {
    let sql = format!("{PAYMENTS} WHERE p.batch_id = $1 ORDER BY p.person_id");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(batch).fetch_all(c).await)
}

pub async fn payment(db: &Db, id: PaymentId) -> Result<Option<Payment>, DbError> {
    let sql = format!("{PAYMENTS} WHERE p.id = $1");
    on_db!(db, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

pub async fn payment_in(tx: &mut Tx, id: PaymentId) -> Result<Option<Payment>, DbError> {
    let sql = format!("{PAYMENTS} WHERE p.id = $1");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

/// The projects that a batch has lines of.
pub async fn projects(db: &Db, batch: BatchId) -> Result<Vec<ProjectId>, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT DISTINCT s.project_id FROM payment p JOIN payment_share s ON s.payment_id = p.id \
         WHERE p.batch_id = $1 ORDER BY s.project_id"
    ).bind(batch).fetch_all(c).await)
}

/// A line of a payment, with all that explains it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Explained {
    pub line_id: LineId,
    pub work_on: NaiveDate,
    pub project_id: ProjectId,
    pub project_code: ProjectCode,
    pub task_type_id: TaskTypeId,
    pub task_name: TaskName,
    pub unit: Option<UnitName>,
    pub minutes: i64,
    #[sqlx(json(nullable))]
    pub stints: Option<Stints>,
    pub units: i64,
    pub note: Option<LineNote>,
    pub state: LineState,
    /// It takes a line back that was paid before, for this reason.
    pub takes_back: Option<String>,
    /// It was taken back later, for this reason.
    pub taken_back: Option<String>,
    pub hour_price: Option<WorkPrice>,
    pub unit_price: Option<WorkPrice>,
    pub minor: i64,
    /// When its rate was written down, and since when it applies.
    pub rate_from: NaiveDate,
    pub rate_written_at: DateTime<Utc>,
    pub rate_author: Option<PersonName>,
}

pub async fn lines(db: &Db, payment: PaymentId) -> Result<Vec<Explained>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT l.line_id, w.work_on, w.project_id, j.code AS project_code, w.task_type_id, k.name AS task_name, k.unit, \
         w.minutes, w.stints, w.units, w.note, w.state, w.takes_back, v.reason AS taken_back, l.hour_price, l.unit_price, l.minor, \
         r.from_on AS rate_from, r.written_at AS rate_written_at, a.name AS rate_author \
         FROM payment_line l JOIN ( \
          SELECT x.line_id, t.work_on, t.project_id, t.task_type_id, t.minutes, t.stints, t.units, t.note, t.state, \
          NULL AS takes_back FROM payment_line x JOIN timesheet_line t ON t.id = x.line_id WHERE x.payment_id = $1 \
          UNION ALL SELECT x.line_id, b.work_on, b.project_id, b.task_type_id, -b.minutes, NULL, -b.units, NULL, 'approved', \
          b.reason FROM payment_line x JOIN pay_reversal b ON b.id = x.line_id WHERE x.payment_id = $1 \
         ) w ON w.line_id = l.line_id JOIN project j ON j.id = w.project_id \
         JOIN task_type k ON k.id = w.task_type_id JOIN rate r ON r.id = l.rate_id \
         LEFT JOIN person a ON a.id = r.written_by LEFT JOIN pay_reversal v ON v.line_id = l.line_id \
         WHERE l.payment_id = $1 ORDER BY w.work_on, j.code, k.name_key, l.minor"
    ).bind(payment).fetch_all(c).await)
}

/// What somebody owes that no payment has made up for yet, by currency.
pub async fn owed(db: &Db, person: PersonId) -> Result<Vec<(Currency, i64)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT currency, CAST(SUM(minor) AS BIGINT) FROM pay_carry WHERE into_id IS NULL AND person_id = $1 \
         GROUP BY currency ORDER BY currency"
    ).bind(person).fetch_all(c).await)
}

/// A payment as the person it is for sees it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Own {
    pub id: PaymentId,
    pub batch_id: BatchId,
    from_on: NaiveDate,
    until_on: NaiveDate,
    pub currency: Currency,
    pub cut_off_on: NaiveDate,
    pub pay_on: NaiveDate,
    pub state: BatchState,
    pub approved_at: Option<DateTime<Utc>>,
    pub lines: i64,
    pub minutes: i64,
    pub units: i64,
    pub minor: i64,
    pub marks: String,
    pub held_for: Option<String>,
    /// What became of it since it was approved, when, and why it did not arrive.
    pub transfer: Option<TransferState>,
    pub transfer_at: Option<DateTime<Utc>>,
    pub transfer_reason: Option<String>,
}

impl Own {
    pub const fn period(&self) -> Period {
        Period { from: self.from_on, until: self.until_on }
    }
}

/// The latest first.
pub async fn own(db: &Db, person: PersonId, limit: i64) -> Result<Vec<Own>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT p.id, p.batch_id, b.from_on, b.until_on, b.currency, b.cut_off_on, b.pay_on, b.state, b.approved_at, \
         p.lines, p.minutes, p.units, p.pay_minor AS minor, p.marks, p.held_for, t.state AS transfer, \
         t.state_at AS transfer_at, t.reason AS transfer_reason FROM payment p JOIN pay_batch b ON b.id = p.batch_id \
         LEFT JOIN transfer t ON t.id = (SELECT x.id FROM transfer x WHERE x.payment_id = p.id ORDER BY x.id DESC LIMIT 1) \
         WHERE p.person_id = $1 \
         ORDER BY b.until_on DESC, b.id DESC LIMIT $2"
    ).bind(person).bind(limit).fetch_all(c).await)
}

/// What has changed in a batch since a version of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Changed {
    pub version: i64,
    pub person_name: PersonName,
    pub lines_before: i64,
    pub minor_before: i64,
    pub lines_after: i64,
    pub minor_after: i64,
    pub at: DateTime<Utc>,
}

pub async fn changes_since(
    db: &Db,
    batch: BatchId,
    version: i64,
    limit: i64,
) -> Result<Vec<Changed>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT g.version, n.name AS person_name, g.lines_before, g.minor_before, g.lines_after, g.minor_after, g.at \
         FROM pay_change g JOIN person n ON n.id = g.person_id \
         WHERE g.batch_id = $1 AND g.version > $2 ORDER BY g.version DESC, n.name LIMIT $3"
    ).bind(batch).bind(version).bind(limit).fetch_all(c).await)
}

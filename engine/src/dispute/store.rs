use chrono::{DateTime, NaiveDate, Utc};
use domain::dispute::Outcome;
use domain::ids::{DisputeId, LineId, PaymentId, PersonId, ProjectId};
use domain::people::PersonName;
use domain::project::ProjectName;
use domain::timesheet::{LineState, Week};

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What somebody has said about a line, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Dispute {
    pub id: DisputeId,
    pub line_id: LineId,
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub project_name: ProjectName,
    pub work_on: NaiveDate,
    pub minutes: i64,
    pub units: i64,
    pub said: String,
    pub made_at: DateTime<Utc>,
    pub answer_by: DateTime<Utc>,
    pub outcome: Outcome,
    pub answer: Option<String>,
    pub ended_by_name: Option<PersonName>,
    pub ended_at: Option<DateTime<Utc>>,
    /// What pays the line, if anything does.
    pub payment_id: Option<PaymentId>,
}

impl Dispute {
    /// Where the line is looked at.
    pub fn path(&self) -> String {
        match self.payment_id {
            Some(payment) => format!("/payments/{payment}"),
            None => format!("/timesheet?week={}", Week::of(self.work_on).monday()),
        }
    }

    pub const fn is_open(&self) -> bool {
        matches!(self.outcome, Outcome::Open)
    }
}

const DISPUTE: &str = "SELECT d.id, d.line_id, d.person_id, n.name AS person_name, j.name AS project_name, d.work_on, d.minutes, \
     d.units, d.said, d.made_at, d.answer_by, d.outcome, d.answer, e.name AS ended_by_name, d.ended_at, x.payment_id \
     FROM dispute d JOIN person n ON n.id = d.person_id JOIN project j ON j.id = d.project_id \
     LEFT JOIN person e ON e.id = d.ended_by LEFT JOIN payment_line x ON x.line_id = d.line_id";

/// A line as it is disputed.
#[derive(sqlx::FromRow)]
pub struct Disputed {
    pub id: LineId,
    pub person_id: PersonId,
    pub project_id: ProjectId,
    pub work_on: NaiveDate,
    pub minutes: i64,
    pub units: i64,
    pub state: LineState,
}

pub async fn line(tx: &mut Tx, id: LineId) -> Result<Option<Disputed>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT id, person_id, project_id, work_on, minutes, units, state FROM timesheet_line WHERE id = $1"
    ).bind(id).fetch_optional(c).await)
}

pub struct Row {
    pub id: DisputeId,
    pub line: Disputed,
    pub said: String,
    pub at: DateTime<Utc>,
    pub answer_by: DateTime<Utc>,
}

/// Answers whether nobody waits for an answer about the same line.
pub async fn put(tx: &mut Tx, row: &Row) -> Result<bool, DbError> {
    let done = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO dispute (id, line_id, person_id, project_id, work_on, minutes, units, said, made_at, answer_by, \
             outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open') \
             ON CONFLICT (line_id) WHERE outcome = 'open' DO NOTHING"
        )
        .bind(row.id)
        .bind(row.line.id)
        .bind(row.line.person_id)
        .bind(row.line.project_id)
        .bind(row.line.work_on)
        .bind(row.line.minutes)
        .bind(row.line.units)
        .bind(&row.said)
        .bind(row.at)
        .bind(row.answer_by)
    )?;
    Ok(done == 1)
}

/// It ends like that; answers whether it had not ended.
pub async fn end(
    tx: &mut Tx,
    id: DisputeId,
    outcome: Outcome,
    answer: Option<&str>,
    (by, at): (PersonId, DateTime<Utc>),
) -> Result<bool, DbError> {
    let done = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE dispute SET outcome = $2, answer = $3, ended_by = $4, ended_at = $5 WHERE id = $1 AND outcome = 'open'"
        )
        .bind(id)
        .bind(outcome)
        .bind(answer)
        .bind(by)
        .bind(at)
    )?;
    Ok(done == 1)
}

pub async fn by_id(tx: &mut Tx, id: DisputeId) -> Result<Option<Dispute>, DbError> {
    let sql = format!("{DISPUTE} WHERE d.id = $1");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

pub async fn waiting(db: &Db) -> Result<Vec<Dispute>, DbError> {
    let sql = format!("{DISPUTE} WHERE d.outcome = 'open' ORDER BY d.answer_by, d.id");
    on_db!(db, c => sqlx::query_as(&sql).fetch_all(c).await)
}

pub async fn ended(db: &Db, limit: i64) -> Result<Vec<Dispute>, DbError> {
    let sql = format!("{DISPUTE} WHERE d.ended_at IS NOT NULL ORDER BY d.ended_at DESC, d.id DESC LIMIT $1");
    on_db!(db, c => sqlx::query_as(&sql).bind(limit).fetch_all(c).await)
}

pub async fn count(db: &Db) -> Result<i64, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT COUNT(*) FROM dispute WHERE outcome = 'open'").fetch_one(c).await)
}

pub async fn of_payment(db: &Db, payment: PaymentId) -> Result<Vec<Dispute>, DbError> {
    let sql = format!("{DISPUTE} WHERE x.payment_id = $1 ORDER BY d.id DESC");
    on_db!(db, c => sqlx::query_as(&sql).bind(payment).fetch_all(c).await)
}

/// Those who manage a project and can sign in.
pub async fn managers(tx: &mut Tx, project: ProjectId) -> Result<Vec<PersonId>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT m.person_id FROM project_member m JOIN person p ON p.id = m.person_id \
         WHERE m.project_id = $1 AND m.role = 'manager' AND p.status = 'active'"
    ).bind(project).fetch_all(c).await)
}

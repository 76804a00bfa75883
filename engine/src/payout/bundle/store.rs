use chrono::NaiveDate;
use domain::ids::{BatchId, LineId, PaymentId, RateId};
use domain::money::WorkPrice;
use domain::project::{ProjectCode, TaskName};

use crate::audit::Line;
use crate::db::rows::{ask_portions, places};
use crate::db::{Db, DbError};
use crate::on_db;

/// A line of an approved payment, with what it was paid by.
#[derive(sqlx::FromRow)]
pub struct PaidLine {
    pub payment_id: PaymentId,
    pub line_id: LineId,
    pub line_version: i64,
    pub work_on: NaiveDate,
    pub project_code: ProjectCode,
    pub task_name: TaskName,
    pub minutes: i64,
    pub units: i64,
    pub rate_id: RateId,
    pub hour_price: Option<WorkPrice>,
    pub unit_price: Option<WorkPrice>,
    pub minor: i64,
}

/// Payment by payment, and in the order of the lines' ids, in which they were hashed.
pub async fn lines(db: &Db, payments: &[PaymentId]) -> Result<Vec<PaidLine>, DbError> {
    let mut all = Vec::new();
    for (table, sign) in [("timesheet_line", ""), ("pay_reversal", "-")] {
        let some: Vec<PaidLine> = ask_portions!(
            db,
            payments,
            |count| format!(
                "SELECT l.payment_id, l.line_id, l.line_version, w.work_on, j.code AS project_code, k.name AS task_name, \
                 {sign}w.minutes AS minutes, {sign}w.units AS units, l.rate_id, l.hour_price, l.unit_price, l.minor \
                 FROM payment_line l JOIN {table} w ON w.id = l.line_id JOIN project j ON j.id = w.project_id \
                 JOIN task_type k ON k.id = w.task_type_id WHERE l.payment_id IN ({})",
                places(count)
            ),
            |sql| sqlx::query_as::<_, PaidLine>(&sql),
            |query, payment| query.bind(*payment)
        )?;
        all.extend(some);
    }
    all.sort_by_key(|it| (it.payment_id, it.line_id));
    Ok(all)
}

/// What the audit log says of a batch.
pub async fn of_batch(db: &Db, batch: BatchId) -> Result<Vec<Line>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM audit_line WHERE thing = 'batch' AND thing_id = $1 ORDER BY seq")
        .bind(batch.to_string()).fetch_all(c).await)
}

/// What it says of payment files, transfers, and payments that were sent again.
pub async fn of_payouts(db: &Db, things: &[String]) -> Result<Vec<Line>, DbError> {
    ask_portions!(
        db,
        things,
        |count| format!(
            "SELECT * FROM audit_line WHERE thing = 'payout' AND thing_id IN ({})",
            places(count)
        ),
        |sql| sqlx::query_as::<_, Line>(&sql),
        |query, thing| query.bind(thing)
    )
}

//! What lines are paid by: read once for many of them.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{LineId, PersonId, ProjectId, RateId, TaskTypeId};
use domain::money::WorkPrice;
use domain::payment::Due;
use domain::period::Period;
use domain::project::{Project, TaskType, Terms};
use domain::rate::{Level, Rate};

use crate::db::rows::places;
use crate::db::{Db, DbError};
use crate::on_db;

/// A line that is submitted and not paid.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct OpenLine {
    pub id: LineId,
    pub version: i64,
    pub person_id: PersonId,
    pub project_id: ProjectId,
    pub task_type_id: TaskTypeId,
    pub work_on: NaiveDate,
    pub minutes: i64,
    pub units: i64,
}

/// Reads rows by some ids that are no more than a few hundred.
macro_rules! by_ids {
    ($db:expr, $ids:expr, $text:expr) => {{
        if $ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!($text, places($ids.len()));
        on_db!($db, c => $ids.iter().fold(sqlx::query_as(&sql), |query, id| query.bind(*id)).fetch_all(c).await)
    }};
}
pub async fn open_lines(db: &Db, people: &[PersonId]) -> Result<Vec<OpenLine>, DbError> {
    by_ids!(
        db,
        people,
        "SELECT id, version, person_id, project_id, task_type_id, work_on, minutes, units FROM timesheet_line \
         WHERE state = 'submitted' AND person_id IN ({})"
    )
}

/// What is to be taken back, and was not yet: with the rate it was paid by.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct OpenReversal {
    pub id: LineId,
    pub person_id: PersonId,
    pub project_id: ProjectId,
    pub task_type_id: TaskTypeId,
    pub work_on: NaiveDate,
    pub minutes: i64,
    pub units: i64,
    pub rate_id: RateId,
    pub hour_price: Option<WorkPrice>,
    pub unit_price: Option<WorkPrice>,
}

pub async fn open_reversals(db: &Db, people: &[PersonId]) -> Result<Vec<OpenReversal>, DbError> {
    by_ids!(
        db,
        people,
        "SELECT id, person_id, project_id, task_type_id, work_on, minutes, units, rate_id, hour_price, unit_price \
         FROM pay_reversal WHERE payment_id IS NULL AND person_id IN ({})"
    )
}

/// What is owed from before, by person and currency.
pub async fn open_carries(
    db: &Db,
    people: &[PersonId],
) -> Result<Vec<(PersonId, domain::Currency, i64)>, DbError> {
    by_ids!(
        db,
        people,
        "SELECT person_id, currency, CAST(SUM(minor) AS BIGINT) FROM pay_carry \
         WHERE into_id IS NULL AND person_id IN ({}) GROUP BY person_id, currency"
    )
}

/// The batches that are approved.
pub async fn approved(db: &Db) -> Result<Vec<Due>, DbError> {
    let rows: Vec<(NaiveDate, NaiveDate, domain::Currency)> = on_db!(db, c => sqlx::query_as(
        "SELECT from_on, until_on, currency FROM pay_batch WHERE state = 'approved'"
    ).fetch_all(c).await)?;
    let due = |(from, until, currency)| Due { period: Period { from, until }, currency };
    Ok(rows.into_iter().map(due).collect())
}

pub async fn projects(db: &Db, ids: &[ProjectId]) -> Result<Vec<Project>, DbError> {
    by_ids!(db, ids, "SELECT * FROM project WHERE id IN ({})")
}

pub async fn terms(db: &Db, ids: &[ProjectId]) -> Result<Vec<Terms>, DbError> {
    by_ids!(db, ids, "SELECT * FROM project_terms WHERE project_id IN ({})")
}

pub async fn tasks(db: &Db, ids: &[ProjectId]) -> Result<Vec<TaskType>, DbError> {
    by_ids!(db, ids, "SELECT * FROM task_type WHERE project_id IN ({})")
}

pub async fn rates(db: &Db, ids: &[ProjectId]) -> Result<Vec<Rate>, DbError> {
    by_ids!(db, ids, "SELECT * FROM rate WHERE project_id IN ({})")
}

/// The earliest first.
pub async fn levels(
    db: &Db,
    ids: &[ProjectId],
) -> Result<Vec<(ProjectId, PersonId, NaiveDate, Option<Level>)>, DbError> {
    by_ids!(
        db,
        ids,
        "SELECT project_id, person_id, from_on, level FROM member_level WHERE project_id IN ({}) ORDER BY from_on"
    )
}

/// Somebody who enters work on one of these projects, with their first and last day on it.
pub type Assigned = (ProjectId, PersonId, domain::people::PersonName, Option<NaiveDate>, Option<NaiveDate>);

pub async fn assigned(db: &Db, ids: &[ProjectId]) -> Result<Vec<Assigned>, DbError> {
    by_ids!(
        db,
        ids,
        "SELECT m.project_id, m.person_id, p.name, m.starts_on, m.ends_on FROM project_member m \
         JOIN person p ON p.id = m.person_id WHERE m.role = 'annotator' AND p.status = 'active' AND m.project_id IN ({}) \
         ORDER BY p.name, p.id"
    )
}

/// Who has said that nothing was worked in a week, and when.
pub async fn idle(db: &Db, period: Period) -> Result<Vec<(PersonId, NaiveDate)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT person_id, monday FROM timesheet_week WHERE idle AND monday BETWEEN $1 AND $2"
    ).bind(period.from - chrono::Days::new(6)).bind(period.until).fetch_all(c).await)
}

/// How many lines of a period are entered and not submitted, by person and project, and the day of the first.
pub async fn unsent(
    db: &Db,
    period: Period,
) -> Result<Vec<(PersonId, domain::people::PersonName, ProjectId, i64, NaiveDate)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT l.person_id, p.name, l.project_id, COUNT(*), MIN(l.work_on) FROM timesheet_line l \
         JOIN person p ON p.id = l.person_id \
         WHERE l.state IN ('draft', 'returned') AND l.work_on BETWEEN $1 AND $2 \
         GROUP BY l.person_id, p.name, l.project_id ORDER BY p.name, l.person_id"
    ).bind(period.from).bind(period.until).fetch_all(c).await)
}

/// Who has submitted anything of a period.
pub async fn submitted(db: &Db, period: Period) -> Result<Vec<PersonId>, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT DISTINCT person_id FROM timesheet_line WHERE state IN ('submitted', 'approved') AND work_on BETWEEN $1 AND $2"
    ).bind(period.from).bind(period.until).fetch_all(c).await)
}

/// The projects that are worked on.
pub async fn running(db: &Db) -> Result<Vec<ProjectId>, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT id FROM project WHERE status = 'active' ORDER BY id").fetch_all(c).await)
}

/// The time that counts for whether a period is over.
pub fn is_over(terms: &[Terms], period: Period, at: DateTime<Utc>) -> bool {
    terms.iter().all(|terms| terms.zone.local(at).date_naive() > period.until)
}

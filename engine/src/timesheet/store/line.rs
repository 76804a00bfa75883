use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{LineId, PersonId, ProjectId, TaskTypeId};
use domain::timesheet::Line;
use sqlx::types::Json;

use super::around::Who;
use crate::db::rows::{insert_rows, places_after, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What was reversed counts no more.
const OF_PERSON: &str = "SELECT * FROM timesheet_line l WHERE person_id = $1 AND work_on BETWEEN $2 AND $3 \
     AND NOT EXISTS (SELECT 1 FROM pay_reversal r WHERE r.line_id = l.id) ORDER BY work_on, task_type_id";

pub async fn of(db: &Db, who: Who) -> Result<Vec<Line>, DbError> {
    on_db!(db, c => sqlx::query_as(OF_PERSON).bind(who.person).bind(who.from).bind(who.until).fetch_all(c).await)
}

pub async fn of_in(tx: &mut Tx, who: Who) -> Result<Vec<Line>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(OF_PERSON).bind(who.person).bind(who.from).bind(who.until).fetch_all(c).await)
}

/// How many lines of a task on a day were reversed.
pub type Retake = (TaskTypeId, NaiveDate, i64);

pub async fn retakes(tx: &mut Tx, who: Who) -> Result<Vec<Retake>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT task_type_id, work_on, COUNT(*) FROM pay_reversal WHERE person_id = $1 AND work_on BETWEEN $2 AND $3 \
         GROUP BY task_type_id, work_on"
    ).bind(who.person).bind(who.from).bind(who.until).fetch_all(c).await)
}

pub async fn by_id(tx: &mut Tx, id: LineId) -> Result<Option<Line>, DbError> {
    on_tx!(*tx, c => sqlx::query_as("SELECT * FROM timesheet_line WHERE id = $1").bind(id).fetch_optional(c).await)
}

/// By what another program calls it.
pub async fn by_external(tx: &mut Tx, project: ProjectId, id: &str) -> Result<Option<Line>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT * FROM timesheet_line WHERE project_id = $1 AND external_id = $2"
    ).bind(project).bind(id).fetch_optional(c).await)
}

/// Writes lines that are new or have changed. What they were before is gone.
pub async fn put(tx: &mut Tx, lines: &[Line], at: DateTime<Utc>) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        lines,
        "INSERT INTO timesheet_line (id, person_id, project_id, task_type_id, work_on, minutes, stints, units, minor, note, \
         state, confirmed, source, external_id, returned_for, changed_at, submitted_at, version, take, file_id)",
        20,
        |query, line| query
            .bind(line.id)
            .bind(line.person_id)
            .bind(line.project_id)
            .bind(line.task_type_id)
            .bind(line.work_on)
            .bind(line.minutes)
            .bind(line.stints.as_ref().map(Json))
            .bind(line.units)
            .bind(line.minor)
            .bind(&line.note)
            .bind(line.state)
            .bind(line.confirmed)
            .bind(line.source)
            .bind(&line.external_id)
            .bind(&line.returned_for)
            .bind(at)
            .bind(line.submitted_at)
            .bind(line.version)
            .bind(line.take)
            .bind(line.file_id),
        " ON CONFLICT (id) DO UPDATE SET minutes = excluded.minutes, stints = excluded.stints, units = excluded.units, minor = excluded.minor, \
         note = excluded.note, state = excluded.state, confirmed = excluded.confirmed, \
         returned_for = excluded.returned_for, changed_at = excluded.changed_at, \
         submitted_at = excluded.submitted_at, version = excluded.version, file_id = excluded.file_id"
    )
}

pub async fn delete(tx: &mut Tx, lines: &[LineId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        lines,
        |count| format!("DELETE FROM timesheet_line WHERE id IN ({})", places_after(0, count)),
        |sql| sqlx::query(&sql),
        |query, line| query.bind(*line)
    )
}

/// The sums of all lines of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Total {
    pub minutes: i64,
    pub units: i64,
    pub minor: i64,
}

impl Total {
    /// With a line, so many times.
    pub fn add(&mut self, line: &Line, times: i64) {
        self.minutes += times * line.minutes;
        self.units += times * line.units;
        self.minor += times * line.minor;
    }
}

pub async fn totals(db: &Db, who: Who) -> Result<Vec<(ProjectId, i64, i64, i64)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT t.project_id, t.minutes, t.units, t.minor FROM timesheet_total t \
         JOIN project_member m ON m.project_id = t.project_id WHERE m.person_id = $1"
    ).bind(who.person).fetch_all(c).await)
}

/// Adds to the sums of a project, and answers with what they are now.
pub async fn add_to_total(tx: &mut Tx, project: ProjectId, more: Total) -> Result<Total, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "INSERT INTO timesheet_total (project_id, minutes, units, minor) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (project_id) DO UPDATE SET minutes = timesheet_total.minutes + $2, \
         units = timesheet_total.units + $3, minor = timesheet_total.minor + $4 RETURNING minutes, units, minor"
    ).bind(project).bind(more.minutes).bind(more.units).bind(more.minor).fetch_one(c).await)
}

/// Whoever changes lines of a person waits here for whoever does already.
pub async fn take_turn(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO timesheet_turn (person_id, turn) VALUES ($1, 1) \
             ON CONFLICT (person_id) DO UPDATE SET turn = timesheet_turn.turn + 1"
        )
        .bind(person)
    )
    .map(drop)
}

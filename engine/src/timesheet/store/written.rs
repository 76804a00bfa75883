use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{LineId, PersonId, ProjectId};
use domain::people::{Email, PersonName};
use domain::project::{ProjectCode, TaskName};
use domain::timesheet::{LineNote, LineState, Stints};
use uuid::Uuid;

use crate::db::{Db, DbError};
use crate::on_db;
use crate::timesheet::export::Wanted;

/// A line as a table has it.
#[derive(sqlx::FromRow)]
pub struct Written {
    pub id: LineId,
    pub project_id: ProjectId,
    pub person_id: PersonId,
    pub email: Email,
    pub name: PersonName,
    pub project_code: ProjectCode,
    pub task_name: TaskName,
    pub work_on: NaiveDate,
    pub minutes: i64,
    #[sqlx(json(nullable))]
    pub stints: Option<Stints>,
    pub units: i64,
    pub note: Option<LineNote>,
    pub external_id: Option<String>,
    pub state: LineState,
    pub submitted_at: Option<DateTime<Utc>>,
}

/// The line that was the last.
#[derive(Clone, Debug)]
pub struct After {
    project: ProjectId,
    person: PersonId,
    on: NaiveDate,
    line: LineId,
}

impl After {
    pub const fn of(line: &Written) -> Self {
        Self { project: line.project_id, person: line.person_id, on: line.work_on, line: line.id }
    }
}

/// Project by project, person by person, day by day: the order of an index. What was taken back counts no more.
pub async fn after(
    db: &Db,
    wanted: &Wanted,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Written>, DbError> {
    let nil = Uuid::nil();
    let first = wanted.project.unwrap_or(ProjectId(nil));
    let start = After { project: first, person: PersonId(nil), on: wanted.from, line: LineId(nil) };
    let after = after.unwrap_or(&start);
    on_db!(db, c => sqlx::query_as(
        "SELECT l.id, l.project_id, l.person_id, p.email, p.name, j.code AS project_code, k.name AS task_name, l.work_on, \
         l.minutes, l.stints, l.units, l.note, l.external_id, l.state, l.submitted_at FROM timesheet_line l \
         JOIN person p ON p.id = l.person_id JOIN project j ON j.id = l.project_id JOIN task_type k ON k.id = l.task_type_id \
         WHERE (l.project_id, l.person_id, l.work_on, l.id) > ($1, $2, $3, $4) AND ($5 IS NULL OR l.project_id = $5) \
         AND l.work_on BETWEEN $6 AND $7 AND NOT EXISTS (SELECT 1 FROM pay_reversal r WHERE r.line_id = l.id) \
         ORDER BY l.project_id, l.person_id, l.work_on, l.id LIMIT $8"
    ).bind(after.project).bind(after.person).bind(after.on).bind(after.line).bind(wanted.project).bind(wanted.from)
        .bind(wanted.until).bind(limit).fetch_all(c).await)
}

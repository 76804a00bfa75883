//! What the lines of many people are judged by, asked once for all of them.

use chrono::NaiveDate;
use domain::ids::{LineId, PersonId, ProjectId, TaskTypeId};
use domain::people::{Email, PersonName, Status, Zone};
use domain::project::{Project, TaskType, Terms};
use domain::rate::{Level, Rate};
use domain::timesheet::{Line, Stints, Week};

use super::week::Said;
use crate::db::rows::{ask_portions, fetch_portions, insert_rows, places, places_after};
use crate::db::{Db, DbError, Tx};
use crate::on_db;

/// Somebody as files name them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Named {
    pub id: PersonId,
    pub email: Email,
    pub name: PersonName,
    pub zone: Zone,
    pub status: Status,
}

pub async fn people(db: &Db) -> Result<Vec<Named>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT id, email, name, zone, status FROM person").fetch_all(c).await)
}

/// All projects or, for somebody, those they are on.
pub async fn projects(db: &Db, of: Option<PersonId>) -> Result<Vec<Project>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM project WHERE $1 IS NULL OR id IN (SELECT project_id FROM project_member WHERE person_id = $1)"
    ).bind(of).fetch_all(c).await)
}

/// What is asked of a project once.
macro_rules! of_project {
    ($name:ident, $row:ty, $sql:literal) => {
        pub async fn $name(db: &Db, project: ProjectId) -> Result<Vec<$row>, DbError> {
            on_db!(db, c => sqlx::query_as($sql).bind(project).fetch_all(c).await)
        }
    };
}

/// Somebody's days on a project.
pub type Days = (PersonId, Option<NaiveDate>, Option<NaiveDate>);

of_project!(terms, Terms, "SELECT * FROM project_terms WHERE project_id = $1");
of_project!(rates, Rate, "SELECT * FROM rate WHERE project_id = $1");
of_project!(tasks, TaskType, "SELECT * FROM task_type WHERE project_id = $1 ORDER BY name_key");
of_project!(days, Days, "SELECT person_id, starts_on, ends_on FROM project_member WHERE project_id = $1");
of_project!(
    levels,
    (PersonId, NaiveDate, Option<Level>),
    "SELECT person_id, from_on, level FROM member_level WHERE project_id = $1 ORDER BY from_on"
);
of_project!(
    total,
    super::line::Total,
    "SELECT minutes, units, minor FROM timesheet_total WHERE project_id = $1"
);

/// Some people, and the days that matter.
#[derive(Clone, Copy, Debug)]
pub struct Whom<'a> {
    pub people: &'a [PersonId],
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// Their turns: whoever changes lines of somebody makes theirs rise.
pub async fn turns(db: &Db, people: &[PersonId]) -> Result<Vec<(PersonId, i64)>, DbError> {
    ask_portions!(
        db,
        people,
        |count| format!("SELECT person_id, turn FROM timesheet_turn WHERE person_id IN ({})", places(count)),
        |sql| sqlx::query_as::<_, (PersonId, i64)>(&sql),
        |query, person| query.bind(*person)
    )
}

/// Their lines on a project, with those that were reversed.
pub async fn lines(db: &Db, whom: Whom<'_>, project: ProjectId) -> Result<Vec<Line>, DbError> {
    ask_portions!(
        db,
        whom.people,
        |count| format!(
            "SELECT * FROM timesheet_line WHERE project_id = $1 AND work_on BETWEEN $2 AND $3 AND person_id IN ({})",
            places_after(3, count)
        ),
        |sql| sqlx::query_as::<_, Line>(&sql).bind(project).bind(whom.from).bind(whom.until),
        |query, person| query.bind(*person)
    )
}

/// How long somebody has worked on a day, with what was reversed.
pub type Worked = (PersonId, NaiveDate, i64);

pub async fn worked(db: &Db, whom: Whom<'_>) -> Result<Vec<Worked>, DbError> {
    ask_portions!(
        db,
        whom.people,
        |count| format!(
            "SELECT person_id, work_on, CAST(SUM(minutes) AS BIGINT) FROM timesheet_line \
             WHERE work_on BETWEEN $1 AND $2 AND person_id IN ({}) GROUP BY person_id, work_on",
            places_after(2, count)
        ),
        |sql| sqlx::query_as::<_, Worked>(&sql).bind(whom.from).bind(whom.until),
        |query, person| query.bind(*person)
    )
}

/// A line of theirs of which it was said from when until when it was.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Clocked {
    pub id: LineId,
    pub person_id: PersonId,
    pub project_id: ProjectId,
    pub task_type_id: TaskTypeId,
    pub work_on: NaiveDate,
    #[sqlx(json)]
    pub stints: Stints,
}

/// On all projects, with those that were reversed.
pub async fn clocked(db: &Db, whom: Whom<'_>) -> Result<Vec<Clocked>, DbError> {
    ask_portions!(
        db,
        whom.people,
        |count| format!(
            "SELECT id, person_id, project_id, task_type_id, work_on, stints FROM timesheet_line \
             WHERE stints IS NOT NULL AND work_on BETWEEN $1 AND $2 AND person_id IN ({})",
            places_after(2, count)
        ),
        |sql| sqlx::query_as::<_, Clocked>(&sql).bind(whom.from).bind(whom.until),
        |query, person| query.bind(*person)
    )
}

/// A line of theirs that was reversed.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Reversed {
    pub line_id: LineId,
    pub person_id: PersonId,
    pub task_type_id: TaskTypeId,
    pub work_on: NaiveDate,
    pub minutes: i64,
}

pub async fn reversed(db: &Db, whom: Whom<'_>) -> Result<Vec<Reversed>, DbError> {
    ask_portions!(
        db,
        whom.people,
        |count| format!(
            "SELECT line_id, person_id, task_type_id, work_on, minutes FROM pay_reversal \
             WHERE work_on BETWEEN $1 AND $2 AND person_id IN ({})",
            places_after(2, count)
        ),
        |sql| sqlx::query_as::<_, Reversed>(&sql).bind(whom.from).bind(whom.until),
        |query, person| query.bind(*person)
    )
}

/// The lines of a project that other programs call so.
pub async fn called(db: &Db, project: ProjectId, ids: &[&str]) -> Result<Vec<Line>, DbError> {
    ask_portions!(
        db,
        ids,
        |count| format!(
            "SELECT * FROM timesheet_line WHERE project_id = $1 AND external_id IN ({})",
            places_after(1, count)
        ),
        |sql| sqlx::query_as::<_, Line>(&sql).bind(project),
        |query, id| query.bind(*id)
    )
}

#[derive(sqlx::FromRow)]
struct SaidRow {
    person_id: PersonId,
    monday: Week,
    #[sqlx(flatten)]
    said: Said,
}

/// What they have said about their weeks.
pub async fn weeks(db: &Db, whom: Whom<'_>) -> Result<Vec<(PersonId, Week, Said)>, DbError> {
    let rows = ask_portions!(
        db,
        whom.people,
        |count| format!(
            "SELECT person_id, monday, idle, submitted_at, version FROM timesheet_week WHERE monday BETWEEN $1 AND $2 \
             AND person_id IN ({})",
            places_after(2, count)
        ),
        |sql| sqlx::query_as::<_, SaidRow>(&sql).bind(whom.from).bind(whom.until),
        |query, person| query.bind(*person)
    )?;
    Ok(rows.into_iter().map(|row| (row.person_id, row.monday, row.said)).collect())
}

/// Takes their turns, in the order given, and answers with what they are now.
pub async fn take_turns(tx: &mut Tx, people: &[PersonId]) -> Result<Vec<(PersonId, i64)>, DbError> {
    fetch_portions!(
        *tx,
        people,
        |count| format!(
            "INSERT INTO timesheet_turn (person_id, turn) VALUES {} \
             ON CONFLICT (person_id) DO UPDATE SET turn = timesheet_turn.turn + 1 RETURNING person_id, turn",
            (1..=count).map(|place| format!("(${place}, 1)")).collect::<Vec<_>>().join(", ")
        ),
        |sql| sqlx::query_as::<_, (PersonId, i64)>(&sql),
        |query, person| query.bind(*person)
    )
}

/// Says it about many weeks, each as its next version.
pub async fn say(tx: &mut Tx, weeks: &[(PersonId, Week, Said)]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        weeks,
        "INSERT INTO timesheet_week (person_id, monday, idle, submitted_at, version)",
        5,
        |query, (person, week, said)| query
            .bind(*person)
            .bind(*week)
            .bind(said.idle)
            .bind(said.submitted_at)
            .bind(said.version + 1),
        " ON CONFLICT (person_id, monday) DO UPDATE SET idle = excluded.idle, submitted_at = excluded.submitted_at, \
         version = excluded.version"
    )
}

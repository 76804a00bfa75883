//! What the lines of a person are judged by: all that there is of the projects they are on, or have lines of in a span
//! of days.

use chrono::NaiveDate;
use domain::ids::{PersonId, ProjectId};
use domain::project::{Project, TaskType, Terms};
use domain::rate::{Level, Rate};

use crate::db::{Db, DbError};
use crate::on_db;

/// A person, and the days that matter.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    pub person: PersonId,
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// The projects around somebody; what is in front of it selects what of them.
macro_rules! around {
    ($db:expr, $who:expr, $select:literal, $order:literal) => {
        on_db!($db, c => sqlx::query_as(concat!(
            $select,
            " (SELECT project_id FROM project_member WHERE person_id = $1 UNION \
             SELECT project_id FROM timesheet_line WHERE person_id = $1 AND work_on BETWEEN $2 AND $3) ",
            $order
        )).bind($who.person).bind($who.from).bind($who.until).fetch_all(c).await)
    };
}

pub async fn projects(db: &Db, who: Who) -> Result<Vec<Project>, DbError> {
    around!(db, who, "SELECT * FROM project WHERE id IN", "ORDER BY code")
}

pub async fn tasks(db: &Db, who: Who) -> Result<Vec<TaskType>, DbError> {
    around!(db, who, "SELECT * FROM task_type WHERE project_id IN", "ORDER BY name_key")
}

pub async fn terms(db: &Db, who: Who) -> Result<Vec<Terms>, DbError> {
    around!(db, who, "SELECT * FROM project_terms WHERE project_id IN", "")
}

/// The rates that may apply to this person.
pub async fn rates(db: &Db, who: Who) -> Result<Vec<Rate>, DbError> {
    around!(db, who, "SELECT * FROM rate WHERE (person_id IS NULL OR person_id = $1) AND project_id IN", "")
}

/// On which projects the person is, and from when until when.
pub async fn days(
    db: &Db,
    person: PersonId,
) -> Result<Vec<(ProjectId, Option<NaiveDate>, Option<NaiveDate>)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT project_id, starts_on, ends_on FROM project_member WHERE person_id = $1"
    ).bind(person).fetch_all(c).await)
}

/// Their levels, the earliest first.
pub async fn levels(
    db: &Db,
    person: PersonId,
) -> Result<Vec<(ProjectId, NaiveDate, Option<Level>)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT project_id, from_on, level FROM member_level WHERE person_id = $1 ORDER BY from_on"
    ).bind(person).fetch_all(c).await)
}

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use domain::timesheet::Week;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What somebody has said about a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Said {
    /// They have worked nothing.
    pub idle: bool,
    pub submitted_at: Option<DateTime<Utc>>,
    /// 0 as long as there is nothing.
    pub version: i64,
}

const OF: &str =
    "SELECT idle, submitted_at, version FROM timesheet_week WHERE person_id = $1 AND monday = $2";

pub async fn of(db: &Db, person: PersonId, week: Week) -> Result<Said, DbError> {
    let said: Option<Said> =
        on_db!(db, c => sqlx::query_as(OF).bind(person).bind(week).fetch_optional(c).await)?;
    Ok(said.unwrap_or_default())
}

pub async fn of_in(tx: &mut Tx, person: PersonId, week: Week) -> Result<Said, DbError> {
    let said: Option<Said> =
        on_tx!(*tx, c => sqlx::query_as(OF).bind(person).bind(week).fetch_optional(c).await)?;
    Ok(said.unwrap_or_default())
}

/// Says it, as the next version.
pub async fn say(tx: &mut Tx, person: PersonId, week: Week, said: Said) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO timesheet_week (person_id, monday, idle, submitted_at, version) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (person_id, monday) DO UPDATE SET idle = $3, submitted_at = $4, version = $5"
        )
        .bind(person)
        .bind(week)
        .bind(said.idle)
        .bind(said.submitted_at)
        .bind(said.version + 1)
    )
    .map(drop)
}

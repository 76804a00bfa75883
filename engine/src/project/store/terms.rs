use domain::ids::ProjectId;
use domain::project::Terms;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

const OF: &str = "SELECT * FROM project_terms WHERE project_id = $1";

pub async fn of(db: &Db, project: ProjectId) -> Result<Option<Terms>, DbError> {
    on_db!(db, c => sqlx::query_as(OF).bind(project).fetch_optional(c).await)
}

pub async fn of_in(tx: &mut Tx, project: ProjectId) -> Result<Option<Terms>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(OF).bind(project).fetch_optional(c).await)
}

/// Writes the next version, if nobody else has since this one was read.
pub async fn set(tx: &mut Tx, terms: &Terms) -> Result<bool, DbError> {
    let calendar = &terms.calendar;
    let set = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO project_terms (project_id, rhythm, starts_on, cut_off_days, grace_days, pay_days, zone, \
             backdate_days, period_minutes, budget_minutes, budget_units, budget_minor, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 + 1) \
             ON CONFLICT (project_id) DO UPDATE SET rhythm = $2, starts_on = $3, cut_off_days = $4, grace_days = $5, \
             pay_days = $6, zone = $7, backdate_days = $8, period_minutes = $9, budget_minutes = $10, \
             budget_units = $11, budget_minor = $12, version = $13 + 1 WHERE project_terms.version = $13"
        )
        .bind(terms.project_id)
        .bind(calendar.rhythm)
        .bind(calendar.starts_on)
        .bind(calendar.cut_off_days)
        .bind(calendar.grace_days)
        .bind(calendar.pay_days)
        .bind(&terms.zone)
        .bind(terms.backdate_days)
        .bind(terms.period_minutes)
        .bind(terms.budget_minutes)
        .bind(terms.budget_units)
        .bind(terms.budget_minor)
        .bind(terms.version)
    )?;
    Ok(set == 1)
}

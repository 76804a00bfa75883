//! Bodies of what work is paid by.

use chrono::{DateTime, NaiveDate, Utc};
use domain::money::Amount;
use domain::project::{Project, TaskType, Terms};
use domain::rate::{Rate, RateBook};
use domain::timesheet::Hours;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct TaskView {
    pub id: Uuid,
    pub name: String,
    /// hours, units or both
    pub paid_by: &'static str,
    /// What is counted, if it is paid by the unit
    pub unit: Option<String>,
    /// Hours and minutes one person can enter for a day, like 8:00
    pub day_hours: Option<String>,
    pub day_units: Option<i64>,
    /// Whether new work can be entered on it
    pub active: bool,
    pub version: i64,
}

impl From<TaskType> for TaskView {
    fn from(task: TaskType) -> Self {
        Self {
            id: task.id.0,
            name: task.name.to_string(),
            paid_by: task.paid_by.word(),
            unit: task.unit.map(|unit| unit.to_string()),
            day_hours: task.day_minutes.map(|minutes| Hours::of_minutes(minutes).to_string()),
            day_units: task.day_units,
            active: task.active,
            version: task.version,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskBody {
    pub name: String,
    /// hours, units or both
    pub paid_by: String,
    /// What is counted, if it is paid by the unit
    pub unit: Option<String>,
    /// Like 8:00; no limit if absent
    pub day_hours: Option<String>,
    pub day_units: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskChange {
    pub name: Option<String>,
    pub unit: Option<String>,
    /// Empty: no limit
    pub day_hours: Option<String>,
    /// 0: no units at all
    pub day_units: Option<i64>,
    pub active: Option<bool>,
    pub version: i64,
}

#[derive(Serialize, ToSchema)]
pub struct TermsView {
    /// weekly, fortnightly, half-monthly or monthly
    pub rhythm: &'static str,
    pub starts_on: NaiveDate,
    pub cut_off_days: i64,
    pub grace_days: i64,
    pub pay_days: i64,
    pub zone: String,
    pub backdate_days: i64,
    pub period_hours: Option<String>,
    pub budget_hours: Option<String>,
    pub budget_units: Option<i64>,
    /// In the project's currency
    pub budget_amount: Option<String>,
    /// 0 as long as nobody has set any
    pub version: i64,
}

impl TermsView {
    pub fn of(project: &Project, terms: Terms) -> Self {
        let hours = |minutes: Option<i64>| minutes.map(|minutes| Hours::of_minutes(minutes).to_string());
        Self {
            rhythm: terms.calendar.rhythm.word(),
            starts_on: terms.calendar.starts_on,
            cut_off_days: terms.calendar.cut_off_days,
            grace_days: terms.calendar.grace_days,
            pay_days: terms.calendar.pay_days,
            zone: terms.zone.to_string(),
            backdate_days: terms.backdate_days,
            period_hours: hours(terms.period_minutes),
            budget_hours: hours(terms.budget_minutes),
            budget_units: terms.budget_units,
            budget_amount: terms
                .budget_minor
                .map(|minor| Amount::new(minor, project.currency.clone()).plain()),
            version: terms.version,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsBody {
    /// weekly, fortnightly, half-monthly or monthly
    pub rhythm: String,
    /// The first day of one of its weeks
    pub starts_on: NaiveDate,
    /// Days after the last one of a period
    pub cut_off_days: i64,
    pub grace_days: i64,
    pub pay_days: i64,
    /// IANA name
    pub zone: String,
    pub backdate_days: i64,
    /// Of one person, at most; no limit if absent
    pub period_hours: Option<String>,
    pub budget_hours: Option<String>,
    pub budget_units: Option<i64>,
    /// In the project's currency, like 12000.00
    pub budget_amount: Option<String>,
    /// The version that was read
    pub version: i64,
}

#[derive(Serialize, ToSchema)]
pub struct RateView {
    pub id: Uuid,
    /// All of them if absent, and so with level and person
    pub task: Option<Uuid>,
    pub level: Option<String>,
    pub person: Option<Uuid>,
    pub from_on: NaiveDate,
    /// In the project's currency; without both, what was paid before ends
    pub hour_price: Option<String>,
    pub unit_price: Option<String>,
    /// The day on which another one supersedes it
    pub superseded_on: Option<NaiveDate>,
    pub written_by: Option<Uuid>,
    pub written_at: DateTime<Utc>,
}

impl RateView {
    pub fn of(book: &RateBook, rate: &Rate) -> Self {
        let next = if book.is_replaced(rate) {
            Some(rate.from_on)
        } else {
            book.after(rate).map(|next| next.from_on)
        };
        Self {
            id: rate.id.0,
            task: rate.scope.task_type_id.map(|id| id.0),
            level: rate.scope.level.as_ref().map(ToString::to_string),
            person: rate.scope.person_id.map(|id| id.0),
            from_on: rate.from_on,
            hour_price: rate.hour_price.map(|price| price.to_string()),
            unit_price: rate.unit_price.map(|price| price.to_string()),
            superseded_on: next,
            written_by: rate.written_by.map(|id| id.0),
            written_at: rate.written_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateBody {
    /// The id of a task; all of them if absent
    pub task: Option<Uuid>,
    pub level: Option<String>,
    /// By email address
    pub person: Option<String>,
    pub from_on: NaiveDate,
    /// A number as text, like 18.50, with six decimals at most
    pub hour_price: Option<String>,
    pub unit_price: Option<String>,
    /// Nothing is paid by this from the day on
    #[serde(default)]
    pub ends: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentBody {
    /// Work can be entered for these days; no limit if absent
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub level: Option<String>,
    /// Since when; without it the level stays as it is
    pub level_from: Option<NaiveDate>,
}

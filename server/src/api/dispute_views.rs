//! Bodies of disputes.

use chrono::{DateTime, NaiveDate, Utc};
use domain::timesheet::Hours;
use engine::dispute::Dispute;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DisputesQuery {
    /// Those that have ended, the latest first, instead of those that wait
    #[serde(default)]
    pub ended: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaidBody {
    /// What is wrong with the line, in at most 1000 characters
    pub said: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// put_right or stays
    pub outcome: String,
    /// What was found, in at most 1000 characters; they read it
    pub answer: String,
}

#[derive(Serialize, ToSchema)]
pub struct RaisedView {
    pub id: Uuid,
}

#[derive(Serialize, ToSchema)]
pub struct DisputeView {
    pub id: Uuid,
    pub line: Uuid,
    pub person: Uuid,
    pub name: String,
    pub project: String,
    pub work_on: NaiveDate,
    /// Like 7:30
    pub hours: String,
    pub units: i64,
    pub said: String,
    pub made_at: DateTime<Utc>,
    pub answer_by: DateTime<Utc>,
    /// open, put_right, stays or withdrawn
    pub outcome: &'static str,
    pub answer: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    /// What pays the line, if anything does
    pub payment: Option<Uuid>,
}

impl From<Dispute> for DisputeView {
    fn from(it: Dispute) -> Self {
        Self {
            id: it.id.0,
            line: it.line_id.0,
            person: it.person_id.0,
            name: it.person_name.to_string(),
            project: it.project_name.to_string(),
            work_on: it.work_on,
            hours: Hours::of_minutes(it.minutes).to_string(),
            units: it.units,
            said: it.said,
            made_at: it.made_at,
            answer_by: it.answer_by,
            outcome: it.outcome.word(),
            answer: it.answer,
            ended_at: it.ended_at,
            payment: it.payment_id.map(|id| id.0),
        }
    }
}

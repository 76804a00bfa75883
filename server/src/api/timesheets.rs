//! Lines of timesheets, as programs send them.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, FixedOffset, NaiveDate};
use domain::people::Permission;
use domain::timesheet::{Hours, Line, Stint};
use domain::{Fault, FaultKind};
use engine::timesheet::{How, Posted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Refused;
use super::extract::{Act, Body};
use super::run_views::ItemProblem;
use super::views::Problem;
use crate::http::Host;

const MOST_LINES: usize = 1_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinesBody {
    /// At most 1,000
    pub lines: Vec<LineBody>,
    /// Submit them; otherwise they are drafts
    #[serde(default)]
    pub submit: bool,
    /// What is unusual about them was looked at, and is so
    #[serde(default)]
    pub confirm: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBody {
    /// By email address; you, if absent. Managers and admins can send lines of others
    pub person: Option<String>,
    /// By its code
    pub project: String,
    /// By its name
    pub task: String,
    pub work_on: NaiveDate,
    /// Like 7:30, 7.5 or 7h30; or from when until when by the person's clock, like 9:00-12:30, 13:00-17:15
    pub hours: Option<String>,
    pub units: Option<i64>,
    pub note: Option<String>,
    /// What you call it: the same line sent again under it changes the line rather than making another
    pub external_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct LineView {
    pub id: Uuid,
    pub person: Uuid,
    pub project: Uuid,
    pub task: Uuid,
    pub work_on: NaiveDate,
    pub hours: String,
    /// From when until when, if that was said
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Vec<TimesView>>,
    pub units: i64,
    pub note: Option<String>,
    /// draft, submitted, returned or approved
    pub state: &'static str,
    pub external_id: Option<String>,
    pub returned_for: Option<String>,
    pub version: i64,
}

/// A stretch of work
#[derive(Serialize, ToSchema)]
pub struct TimesView {
    pub from: DateTime<FixedOffset>,
    pub until: DateTime<FixedOffset>,
}

/// The answer to a line: what it is now, or why it was refused
#[derive(Serialize, ToSchema)]
pub struct LineAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<LineView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ItemProblem>,
}

#[derive(Serialize, ToSchema)]
pub struct LinesView {
    /// In the order of the lines
    pub lines: Vec<LineAnswer>,
    pub kept: usize,
    pub refused: usize,
}

impl From<&Stint> for TimesView {
    fn from(stint: &Stint) -> Self {
        Self { from: stint.from.at, until: stint.until.at }
    }
}

impl From<Line> for LineView {
    fn from(line: Line) -> Self {
        Self {
            id: line.id.0,
            person: line.person_id.0,
            project: line.project_id.0,
            task: line.task_type_id.0,
            work_on: line.work_on,
            hours: Hours::of_minutes(line.minutes).to_string(),
            times: line.stints.map(|stints| stints.all().iter().map(TimesView::from).collect()),
            units: line.units,
            note: line.note.map(|note| note.to_string()),
            state: line.state.word(),
            external_id: line.external_id,
            returned_for: line.returned_for,
            version: line.version,
        }
    }
}

impl From<Result<Line, Fault>> for LineAnswer {
    fn from(answer: Result<Line, Fault>) -> Self {
        match answer {
            Ok(line) => Self { line: Some(line.into()), error: None },
            Err(fault) => Self { line: None, error: Some(fault.into()) },
        }
    }
}

impl From<LineBody> for Posted {
    fn from(body: LineBody) -> Self {
        Self {
            person: body.person,
            project: body.project,
            task: body.task,
            on: body.work_on,
            hours: body.hours.unwrap_or_default(),
            units: body.units.map(|units| units.to_string()).unwrap_or_default(),
            note: body.note.unwrap_or_default(),
            external_id: body.external_id.filter(|id| !id.trim().is_empty()),
        }
    }
}

/// Send lines of timesheets
///
/// Each is judged by the rules of the desk, with those before it, and answered by itself. A line is made for a person, a
/// task and a day; sent again as it is, it changes nothing.
#[utoipa::path(post, path = "/timesheet-lines", tag = "pay", request_body = LinesBody, responses(
    (status = 200, body = LinesView, description = "An answer for each, in their order"),
    (status = 403, body = Problem),
    (status = 413, body = Problem, description = "More than 1,000 lines"),
))]
pub async fn post(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<LinesBody>,
) -> Result<Json<LinesView>, Refused> {
    act.need(Permission::EnterTime)?;
    if body.lines.len() > MOST_LINES {
        let message = format!("At most {MOST_LINES} lines at once. Send the rest by itself.");
        return Err(Fault::new(FaultKind::TooLarge, message).into());
    }
    let how = How { submit: body.submit, confirm: body.confirm };
    let lines: Vec<_> = body.lines.into_iter().map(Posted::from).collect();
    let answers = host.house.timesheets.post(&act, &lines, how).await?;
    let kept = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = answers.len() - kept;
    Ok(Json(LinesView { lines: answers.into_iter().map(LineAnswer::from).collect(), kept, refused }))
}

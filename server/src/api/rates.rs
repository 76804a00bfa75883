//! What work on a project is paid by: tasks, periods, rates, levels.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Fault;
use domain::ids::{ProjectId, TaskTypeId};
use domain::project::TermsDraft;
use engine::project::{AssignmentDraft, TaskDraft};
use engine::rate::RateDraft;

use super::Refused;
use super::extract::{Act, Body, Named, id};
use super::rate_views::{
    AssignmentBody, RateBody, RateView, TaskBody, TaskChange, TaskView, TermsBody, TermsView,
};
use super::views::Problem;
use crate::http::Host;

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// What there is to do on a project
#[utoipa::path(get, path = "/projects/{id}/tasks", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = [TaskView])))]
pub async fn tasks(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
) -> Result<Json<Vec<TaskView>>, Refused> {
    let tasks = host.house.projects.tasks(&act, id(&project)?).await?;
    Ok(Json(tasks.into_iter().map(TaskView::from).collect()))
}

/// Add a task
#[utoipa::path(post, path = "/projects/{id}/tasks", tag = "pay", params(("id" = Uuid, Path)), request_body = TaskBody, responses((status = 201, body = TaskView), (status = 422, body = Problem)))]
pub async fn add_task(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
    Body(body): Body<TaskBody>,
) -> Result<(StatusCode, Json<TaskView>), Refused> {
    let draft = TaskDraft {
        name: body.name,
        paid_by: body.paid_by,
        unit: text(body.unit),
        day_hours: text(body.day_hours),
        day_units: text(body.day_units),
        active: true,
        version: 0,
    };
    let task = host.house.projects.add_task(&act, id(&project)?, &draft).await?;
    Ok((StatusCode::CREATED, Json(task.into())))
}

/// Change a task
///
/// What it is paid by stays: what people have entered counts on it. Make another task instead.
#[utoipa::path(patch, path = "/projects/{id}/tasks/{task}", tag = "pay", params(("id" = Uuid, Path), ("task" = Uuid, Path)), request_body = TaskChange, responses((status = 200, body = TaskView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change_task(
    State(host): State<Host>,
    Act(act): Act,
    Named((project, task)): Named<(String, String)>,
    Body(body): Body<TaskChange>,
) -> Result<Json<TaskView>, Refused> {
    let (project, task): (ProjectId, TaskTypeId) = (id(&project)?, id(&task)?);
    let tasks = host.house.projects.tasks(&act, project).await?;
    let gone = || Fault::not_found("There is no such task on this project.");
    let now = TaskView::from(tasks.into_iter().find(|known| known.id == task).ok_or_else(gone)?);
    let draft = TaskDraft {
        name: body.name.unwrap_or(now.name),
        paid_by: String::new(),
        unit: text(body.unit.or(now.unit)),
        day_hours: text(body.day_hours.or(now.day_hours)),
        day_units: text(body.day_units.or(now.day_units)),
        active: body.active.unwrap_or(now.active),
        version: body.version,
    };
    Ok(Json(host.house.projects.change_task(&act, project, task, &draft).await?.into()))
}

/// When a project pays, and what can be entered on it
#[utoipa::path(get, path = "/projects/{id}/terms", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = TermsView)))]
pub async fn terms(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
) -> Result<Json<TermsView>, Refused> {
    let project = host.house.projects.get(&act, id(&project)?).await?;
    let terms = host.house.projects.terms(&act, project.id).await?;
    Ok(Json(TermsView::of(&project, terms)))
}

/// Set when a project pays, and what can be entered on it
#[utoipa::path(put, path = "/projects/{id}/terms", tag = "pay", params(("id" = Uuid, Path)), request_body = TermsBody, responses((status = 200, body = TermsView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn set_terms(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
    Body(body): Body<TermsBody>,
) -> Result<Json<TermsView>, Refused> {
    let project = host.house.projects.get(&act, id(&project)?).await?;
    let draft = TermsDraft {
        rhythm: body.rhythm,
        starts_on: body.starts_on.to_string(),
        cut_off_days: body.cut_off_days.to_string(),
        grace_days: body.grace_days.to_string(),
        pay_days: body.pay_days.to_string(),
        zone: body.zone,
        backdate_days: body.backdate_days.to_string(),
        period_hours: text(body.period_hours),
        budget_hours: text(body.budget_hours),
        budget_units: text(body.budget_units),
        budget_amount: text(body.budget_amount),
    };
    let terms = host.house.projects.set_terms(&act, project.id, body.version, &draft).await?;
    Ok(Json(TermsView::of(&project, terms)))
}

/// Every rate of a project, the last written first
#[utoipa::path(get, path = "/projects/{id}/rates", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = [RateView])))]
pub async fn rates(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
) -> Result<Json<Vec<RateView>>, Refused> {
    let card = host.house.rates.card(&act, id(&project)?).await?;
    Ok(Json(card.rates.iter().map(|named| RateView::of(&card.book, &named.rate)).collect()))
}

/// Write a rate
///
/// It supersedes what the same task, level and person were paid before, from its day on. Rates are never changed.
#[utoipa::path(post, path = "/projects/{id}/rates", tag = "pay", params(("id" = Uuid, Path)), request_body = RateBody, responses((status = 201, body = RateView), (status = 422, body = Problem)))]
pub async fn write_rate(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
    Body(body): Body<RateBody>,
) -> Result<(StatusCode, Json<RateView>), Refused> {
    let project: ProjectId = id(&project)?;
    let draft = RateDraft {
        task_type: text(body.task),
        level: text(body.level),
        person: text(body.person),
        from_on: body.from_on.to_string(),
        hour_price: text(body.hour_price),
        unit_price: text(body.unit_price),
        ends: body.ends,
    };
    let written = host.house.rates.write(&act, project, &draft).await?;
    // One that is to come may supersede it already.
    let book = host.house.rates.card(&act, project).await?.book;
    Ok((StatusCode::CREATED, Json(RateView::of(&book, &written))))
}

/// Say from when until when a member works on a project, and at which level
#[utoipa::path(put, path = "/projects/{id}/members/{email}/assignment", tag = "pay", params(("id" = Uuid, Path), ("email" = String, Path)), request_body = AssignmentBody, responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn assign(
    State(host): State<Host>,
    Act(act): Act,
    Named((project, email)): Named<(String, String)>,
    Body(body): Body<AssignmentBody>,
) -> Result<StatusCode, Refused> {
    let project: ProjectId = id(&project)?;
    let member = super::projects::member(&host, &act, project, &email).await?;
    let draft = AssignmentDraft {
        starts_on: text(body.starts_on),
        ends_on: text(body.ends_on),
        level: text(body.level),
        level_from: text(body.level_from),
    };
    host.house.projects.assign(&act, project, member.person_id, &draft).await?;
    Ok(StatusCode::NO_CONTENT)
}

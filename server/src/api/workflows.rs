use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Fault;
use domain::workflow::WorkflowName;

use super::Refused;
use super::extract::{Act, Asked, Body, Named};
use super::paging::page_size;
use super::views::{
    ApplyBody, PlanView, Problem, VersionView, VersionsPage, VersionsQuery, WorkflowView, WorkflowsPage,
    WorkflowsQuery,
};
use crate::http::Host;

/// List workflows
#[utoipa::path(get, path = "/workflows", tag = "workflows", params(WorkflowsQuery), responses((status = 200, body = WorkflowsPage)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<WorkflowsQuery>,
) -> Result<Json<WorkflowsPage>, Refused> {
    let after = asked.after.as_deref().map(WorkflowName::parse).transpose();
    let after = after.map_err(|wrong| Fault::field("after", wrong.to_string()))?;
    let page = host.house.workflows.list(&act, after.as_ref(), page_size(asked.limit)?).await?;
    let next = page.rows.last().filter(|_| page.has_more).map(|workflow| workflow.name.to_string());
    Ok(Json(WorkflowsPage { workflows: page.rows.into_iter().map(WorkflowView::from).collect(), next }))
}

/// Apply a definition
///
/// A definition that says something new is kept under the next number; one that does not changes nothing. With
/// `dry_run` it is only said what would happen. What is wrong with a definition is in `errors`, each with line and
/// column as its field.
#[utoipa::path(post, path = "/workflows", tag = "workflows", request_body = ApplyBody, responses((status = 200, body = PlanView), (status = 201, body = PlanView), (status = 422, body = Problem)))]
pub async fn apply(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<ApplyBody>,
) -> Result<(StatusCode, Json<PlanView>), Refused> {
    let workflows = &host.house.workflows;
    let dry_run = body.dry_run.unwrap_or(false);
    let plan = if dry_run {
        workflows.plan(&act, &body.source).await?
    } else {
        workflows.apply(&act, &body.source, body.base).await?
    };
    let view = PlanView::from(plan);
    let made = view.change != "same" && !dry_run;
    Ok((if made { StatusCode::CREATED } else { StatusCode::OK }, Json(view)))
}

/// The newest version of a workflow
#[utoipa::path(get, path = "/workflows/{name}", tag = "workflows", params(("name" = String, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.workflows.open(&act, &name, None).await?.into()))
}

/// The versions of a workflow, the newest first
#[utoipa::path(get, path = "/workflows/{name}/versions", tag = "workflows", params(("name" = String, Path), VersionsQuery), responses((status = 200, body = VersionsPage), (status = 404, body = Problem)))]
pub async fn versions(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
    Asked(asked): Asked<VersionsQuery>,
) -> Result<Json<VersionsPage>, Refused> {
    let page = host.house.workflows.versions(&act, &name, asked.before, page_size(asked.limit)?).await?;
    let next = page.rows.last().filter(|_| page.has_more).map(|version| version.number);
    Ok(Json(VersionsPage { versions: page.rows.into_iter().map(Into::into).collect(), next }))
}

/// One version of a workflow
#[utoipa::path(get, path = "/workflows/{name}/versions/{number}", tag = "workflows", params(("name" = String, Path), ("number" = i64, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn version(
    State(host): State<Host>,
    Act(act): Act,
    Named((name, number)): Named<(String, i64)>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.workflows.open(&act, &name, Some(number)).await?.into()))
}

use axum::Json;
use axum::extract::State;

use super::Refused;
use super::extract::{Act, Asked, Body, Named};
use super::shelf::{Applied, applied, entries, versions_of};
use super::views::{
    ApplyBody, EntriesQuery, PlanView, Problem, VersionView, VersionsPage, VersionsQuery, WorkflowsPage,
};
use crate::http::Host;

/// List workflows
#[utoipa::path(get, path = "/workflows", tag = "workflows", params(EntriesQuery), responses((status = 200, body = WorkflowsPage)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<EntriesQuery>,
) -> Result<Json<WorkflowsPage>, Refused> {
    let (workflows, next) = entries(&host.house.shelves.workflows, &act, &asked).await?;
    Ok(Json(WorkflowsPage { workflows, next }))
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
) -> Result<Applied, Refused> {
    applied(&host.house.shelves.workflows, &act, &body).await
}

/// The newest version of a workflow
#[utoipa::path(get, path = "/workflows/{name}", tag = "workflows", params(("name" = String, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.shelves.workflows.open(&act, &name, None).await?.into()))
}

/// The versions of a workflow, the newest first
#[utoipa::path(get, path = "/workflows/{name}/versions", tag = "workflows", params(("name" = String, Path), VersionsQuery), responses((status = 200, body = VersionsPage), (status = 404, body = Problem)))]
pub async fn versions(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
    Asked(asked): Asked<VersionsQuery>,
) -> Result<Json<VersionsPage>, Refused> {
    versions_of(&host.house.shelves.workflows, &act, &name, &asked).await
}

/// One version of a workflow
#[utoipa::path(get, path = "/workflows/{name}/versions/{number}", tag = "workflows", params(("name" = String, Path), ("number" = i64, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn version(
    State(host): State<Host>,
    Act(act): Act,
    Named((name, number)): Named<(String, i64)>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.shelves.workflows.open(&act, &name, Some(number)).await?.into()))
}

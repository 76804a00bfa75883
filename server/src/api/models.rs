//! The registry of models and prompts. Both are kept as workflows are.

use axum::Json;
use axum::extract::State;

use super::Refused;
use super::extract::{Act, Asked, Body, Named};
use super::shelf::{Applied, applied, entries, versions_of};
use super::views::{
    ApplyBody, EntriesQuery, ModelsPage, PlanView, Problem, PromptsPage, VersionView, VersionsPage,
    VersionsQuery,
};
use crate::http::Host;

/// List models
#[utoipa::path(get, path = "/models", tag = "workflows", params(EntriesQuery), responses((status = 200, body = ModelsPage)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<EntriesQuery>,
) -> Result<Json<ModelsPage>, Refused> {
    let (models, next) = entries(&host.house.shelves.models, &act, &asked).await?;
    Ok(Json(ModelsPage { models, next }))
}

/// Apply a model
///
/// A file that says something new is kept under the next number; workflows take it when they are applied again.
#[utoipa::path(post, path = "/models", tag = "workflows", request_body = ApplyBody, responses((status = 200, body = PlanView), (status = 201, body = PlanView), (status = 422, body = Problem)))]
pub async fn apply(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<ApplyBody>,
) -> Result<Applied, Refused> {
    applied(&host.house.shelves.models, &act, &body).await
}

/// The newest version of a model
#[utoipa::path(get, path = "/models/{name}", tag = "workflows", params(("name" = String, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.shelves.models.open(&act, &name, None).await?.into()))
}

/// The versions of a model, the newest first
#[utoipa::path(get, path = "/models/{name}/versions", tag = "workflows", params(("name" = String, Path), VersionsQuery), responses((status = 200, body = VersionsPage), (status = 404, body = Problem)))]
pub async fn versions(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
    Asked(asked): Asked<VersionsQuery>,
) -> Result<Json<VersionsPage>, Refused> {
    versions_of(&host.house.shelves.models, &act, &name, &asked).await
}

/// One version of a model
#[utoipa::path(get, path = "/models/{name}/versions/{number}", tag = "workflows", params(("name" = String, Path), ("number" = i64, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn version(
    State(host): State<Host>,
    Act(act): Act,
    Named((name, number)): Named<(String, i64)>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.shelves.models.open(&act, &name, Some(number)).await?.into()))
}

/// List prompts
#[utoipa::path(get, path = "/prompts", tag = "workflows", params(EntriesQuery), responses((status = 200, body = PromptsPage)))]
pub async fn list_prompts(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<EntriesQuery>,
) -> Result<Json<PromptsPage>, Refused> {
    let (prompts, next) = entries(&host.house.shelves.prompts, &act, &asked).await?;
    Ok(Json(PromptsPage { prompts, next }))
}

/// Apply a prompt
///
/// A file that says something new is kept under the next number; workflows take it when they are applied again.
#[utoipa::path(post, path = "/prompts", tag = "workflows", request_body = ApplyBody, responses((status = 200, body = PlanView), (status = 201, body = PlanView), (status = 422, body = Problem)))]
pub async fn apply_prompt(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<ApplyBody>,
) -> Result<Applied, Refused> {
    applied(&host.house.shelves.prompts, &act, &body).await
}

/// The newest version of a prompt
#[utoipa::path(get, path = "/prompts/{name}", tag = "workflows", params(("name" = String, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn get_prompt(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.shelves.prompts.open(&act, &name, None).await?.into()))
}

/// The versions of a prompt, the newest first
#[utoipa::path(get, path = "/prompts/{name}/versions", tag = "workflows", params(("name" = String, Path), VersionsQuery), responses((status = 200, body = VersionsPage), (status = 404, body = Problem)))]
pub async fn prompt_versions(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
    Asked(asked): Asked<VersionsQuery>,
) -> Result<Json<VersionsPage>, Refused> {
    versions_of(&host.house.shelves.prompts, &act, &name, &asked).await
}

/// One version of a prompt
#[utoipa::path(get, path = "/prompts/{name}/versions/{number}", tag = "workflows", params(("name" = String, Path), ("number" = i64, Path)), responses((status = 200, body = VersionView), (status = 404, body = Problem)))]
pub async fn prompt_version(
    State(host): State<Host>,
    Act(act): Act,
    Named((name, number)): Named<(String, i64)>,
) -> Result<Json<VersionView>, Refused> {
    Ok(Json(host.house.shelves.prompts.open(&act, &name, Some(number)).await?.into()))
}

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Fault;
use domain::ids::ProjectId;
use domain::project::{Member, ProjectStatus};
use engine::project::{Draft, Filter};

use super::Refused;
use super::extract::{Act, Asked, Body, Named, id};
use super::paging::{next, page_size, word};
use super::views::{
    MemberBody, MemberView, Problem, ProjectBody, ProjectChange, ProjectView, ProjectsPage, ProjectsQuery,
};
use crate::http::Host;

/// List projects
///
/// Managers and admins see all of them, everybody else their own.
#[utoipa::path(get, path = "/projects", tag = "projects", params(ProjectsQuery), responses((status = 200, body = ProjectsPage)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<ProjectsQuery>,
) -> Result<Json<ProjectsPage>, Refused> {
    let filter = Filter {
        status: word("status", asked.status.as_deref(), ProjectStatus::parse)?,
        text: asked.text,
        of: None,
        after: asked.after.map(ProjectId),
    };
    let page = host.house.projects.list(&act, &filter, page_size(asked.limit)?).await?;
    let next = next(&page, |project| project.id.0);
    Ok(Json(ProjectsPage { projects: page.rows.into_iter().map(ProjectView::from).collect(), next }))
}

/// Make a project
#[utoipa::path(post, path = "/projects", tag = "projects", request_body = ProjectBody, responses((status = 201, body = ProjectView), (status = 422, body = Problem)))]
pub async fn make(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<ProjectBody>,
) -> Result<(StatusCode, Json<ProjectView>), Refused> {
    let ProjectBody { code, name, client, currency } = body;
    let draft = Draft { code, name, client, currency, ..Draft::default() };
    Ok((StatusCode::CREATED, Json(host.house.projects.make(&act, &draft).await?.into())))
}

/// One project
#[utoipa::path(get, path = "/projects/{id}", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = ProjectView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
) -> Result<Json<ProjectView>, Refused> {
    Ok(Json(host.house.projects.get(&act, id(&project)?).await?.into()))
}

/// Change a project
#[utoipa::path(patch, path = "/projects/{id}", tag = "projects", params(("id" = Uuid, Path)), request_body = ProjectChange, responses((status = 200, body = ProjectView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
    Body(body): Body<ProjectChange>,
) -> Result<Json<ProjectView>, Refused> {
    let id: ProjectId = id(&project)?;
    let now = host.house.projects.get(&act, id).await?;
    let draft = Draft {
        code: body.code.unwrap_or_else(|| now.code.to_string()),
        name: body.name.unwrap_or_else(|| now.name.to_string()),
        client: body.client.unwrap_or_else(|| now.client.to_string()),
        currency: body.currency.unwrap_or_else(|| now.currency.to_string()),
        status: body.status.unwrap_or_else(|| now.status.word().to_owned()),
        version: body.version,
    };
    Ok(Json(host.house.projects.change(&act, id, &draft).await?.into()))
}

/// Who works on a project
#[utoipa::path(get, path = "/projects/{id}/members", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = [MemberView]), (status = 404, body = Problem)))]
pub async fn members(
    State(host): State<Host>,
    Act(act): Act,
    Named(project): Named<String>,
) -> Result<Json<Vec<MemberView>>, Refused> {
    let members = host.house.projects.members(&act, id(&project)?).await?;
    Ok(Json(members.into_iter().map(MemberView::from).collect()))
}

/// Put somebody on a project, or change what they do there
#[utoipa::path(put, path = "/projects/{id}/members/{email}", tag = "projects", params(("id" = Uuid, Path), ("email" = String, Path)), request_body = MemberBody, responses((status = 204), (status = 422, body = Problem)))]
pub async fn set_member(
    State(host): State<Host>,
    Act(act): Act,
    Named((project, email)): Named<(String, String)>,
    Body(body): Body<MemberBody>,
) -> Result<StatusCode, Refused> {
    host.house.projects.set_member(&act, id(&project)?, &email, &body.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take somebody off a project
#[utoipa::path(delete, path = "/projects/{id}/members/{email}", tag = "projects", params(("id" = Uuid, Path), ("email" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn remove_member(
    State(host): State<Host>,
    Act(act): Act,
    Named((project, email)): Named<(String, String)>,
) -> Result<StatusCode, Refused> {
    let project: ProjectId = id(&project)?;
    let member = member(&host, &act, project, &email).await?;
    host.house.projects.remove_member(&act, project, member.person_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who works on a project under this address.
pub async fn member(
    host: &Host,
    act: &engine::act::Act,
    project: ProjectId,
    email: &str,
) -> Result<Member, Refused> {
    let members = host.house.projects.members(act, project).await?;
    let member = members.into_iter().find(|member| member.email.as_str() == email.to_lowercase());
    Ok(member.ok_or_else(|| Fault::not_found(format!("{email} is not on this project.")))?)
}

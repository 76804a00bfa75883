use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::PersonId;
use domain::people::{Role, Status};
use engine::people::{Change, Filter, Invitation};

use super::Refused;
use super::extract::{Act, Asked, Body, Named, id};
use super::paging::{next, page_size, word};
use super::views::{InvitationBody, InvitedView, PeoplePage, PeopleQuery, PersonChange, PersonView, Problem};
use crate::http::Host;

/// List people
#[utoipa::path(get, path = "/people", tag = "people", params(PeopleQuery), responses((status = 200, body = PeoplePage), (status = 403, body = Problem)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<PeopleQuery>,
) -> Result<Json<PeoplePage>, Refused> {
    let filter = Filter {
        role: word("role", asked.role.as_deref(), Role::parse)?,
        status: word("status", asked.status.as_deref(), Status::parse)?,
        text: asked.text,
        after: asked.after.map(PersonId),
    };
    let page = host.house.people.list(&act, &filter, page_size(asked.limit)?).await?;
    let next = next(&page, |person| person.id.0);
    Ok(Json(PeoplePage { people: page.rows.into_iter().map(PersonView::from).collect(), next }))
}

/// Invite a person
#[utoipa::path(post, path = "/people", tag = "people", request_body = InvitationBody, responses((status = 201, body = InvitedView), (status = 422, body = Problem)))]
pub async fn invite(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<InvitationBody>,
) -> Result<(StatusCode, Json<InvitedView>), Refused> {
    let InvitationBody { email, name, roles, zone } = body;
    let invitation = Invitation { email, name, roles, zone: zone.unwrap_or_default() };
    let invited = host.house.people.invite(&act, &invitation).await?;
    let view = InvitedView { person: invited.person.into(), link: invited.link, mailed: invited.mailed };
    Ok((StatusCode::CREATED, Json(view)))
}

/// One person
#[utoipa::path(get, path = "/people/{id}", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = PersonView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(person): Named<String>,
) -> Result<Json<PersonView>, Refused> {
    Ok(Json(host.house.people.get(&act, id(&person)?).await?.into()))
}

/// Change a person
#[utoipa::path(patch, path = "/people/{id}", tag = "people", params(("id" = Uuid, Path)), request_body = PersonChange, responses((status = 200, body = PersonView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(host): State<Host>,
    Act(act): Act,
    Named(person): Named<String>,
    Body(body): Body<PersonChange>,
) -> Result<Json<PersonView>, Refused> {
    let id: PersonId = id(&person)?;
    // What is not named stays as it is; the version makes sure that it is still so.
    let now = host.house.people.get(&act, id).await?;
    let change = Change {
        name: body.name.unwrap_or_else(|| now.name.to_string()),
        roles: body.roles.unwrap_or_else(|| now.roles.iter().map(|role| role.word().to_owned()).collect()),
        zone: body.zone.unwrap_or_else(|| now.zone.to_string()),
        version: body.version,
    };
    Ok(Json(host.house.people.change(&act, id, &change).await?.into()))
}

/// Shut a person out at once
#[utoipa::path(post, path = "/people/{id}/disable", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = PersonView), (status = 409, body = Problem)))]
pub async fn disable(
    State(host): State<Host>,
    Act(act): Act,
    Named(person): Named<String>,
) -> Result<Json<PersonView>, Refused> {
    Ok(Json(host.house.people.disable(&act, id(&person)?).await?.into()))
}

/// Let a person in again
#[utoipa::path(post, path = "/people/{id}/enable", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = PersonView), (status = 409, body = Problem)))]
pub async fn enable(
    State(host): State<Host>,
    Act(act): Act,
    Named(person): Named<String>,
) -> Result<Json<PersonView>, Refused> {
    Ok(Json(host.house.people.enable(&act, id(&person)?).await?.into()))
}

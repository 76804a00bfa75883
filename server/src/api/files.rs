//! Files of timesheets: brought, looked at, taken.

use std::time::Duration;

use axum::Json;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use domain::Fault;
use domain::ids::{DropId, FileId};

use super::Refused;
use super::extract::{Act, Body, Named};
use super::file_views::{ColumnsBody, DropBriefView, DropView, TakeBody, TakenView};
use super::views::Problem;
use crate::http::Host;
use crate::http::files::uploads;

/// As many drops are listed.
const LISTED: i64 = 100;

/// So long a program waits for files to be taken.
const WAIT: Duration = Duration::from_secs(20);

fn no_such(text: &str) -> Result<DropId, Refused> {
    text.parse().map_err(|_| Fault::not_found("There are no such files.").into())
}

/// What is brought may be larger than other requests.
pub fn bring_route(host: &Host) -> MethodRouter<Host> {
    post(bring).layer(DefaultBodyLimit::max(host.options.upload_limit))
}

/// Bring files of timesheets
///
/// Excel workbooks (.xlsx) and CSV, one or many as parts of one form. They are read and judged, and nothing is taken yet.
#[utoipa::path(post, path = "/timesheet-files", tag = "pay", request_body(content = Vec<u8>, content_type = "multipart/form-data", description = "Each part a file with its name"), responses(
    (status = 201, body = DropView, description = "What would come of them"),
    (status = 403, body = Problem),
    (status = 413, body = Problem, description = "More than is taken at once"),
    (status = 415, body = Problem, description = "Not multipart/form-data"),
))]
pub async fn bring(State(host): State<Host>, Act(act): Act, request: Request) -> Result<Response, Refused> {
    let uploads = uploads(&host, request).await?;
    let id = Box::pin(host.house.timesheets.drop_files(&act, uploads)).await?;
    let seen: DropView = host.house.timesheets.dropped(&act, id).await?.into();
    let place = format!("/api/v1/timesheet-files/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(seen)).into_response())
}

/// Files that were brought, the latest first
#[utoipa::path(get, path = "/timesheet-files", tag = "pay", responses((status = 200, body = [DropBriefView], description = "At most 100; yours or, for managers, those of everybody")))]
pub async fn list(State(host): State<Host>, Act(act): Act) -> Result<Json<Vec<DropBriefView>>, Refused> {
    let drops = host.house.timesheets.drops(&act, LISTED).await?;
    Ok(Json(drops.into_iter().map(Into::into).collect()))
}

/// What would come of files
#[utoipa::path(get, path = "/timesheet-files/{id}", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = DropView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(id): Named<String>,
) -> Result<Json<DropView>, Refused> {
    Ok(Json(host.house.timesheets.dropped(&act, no_such(&id)?).await?.into()))
}

/// Take the files that are ready
///
/// Each is taken whole or not at all. Those of managers are submitted; those of others become drafts.
#[utoipa::path(post, path = "/timesheet-files/{id}/take", tag = "pay", params(("id" = Uuid, Path)), request_body = TakeBody, responses((status = 200, body = TakenView), (status = 404, body = Problem), (status = 409, body = Problem, description = "Nothing is ready, or they are being taken"), (status = 422, body = Problem, description = "Something is unusual and was not confirmed")))]
pub async fn take(
    State(host): State<Host>,
    Act(act): Act,
    Named(id): Named<String>,
    Body(body): Body<TakeBody>,
) -> Result<Json<TakenView>, Refused> {
    let taken = host.house.timesheets.take_files_within(&act, no_such(&id)?, body.confirm, WAIT).await?;
    Ok(Json(taken.into()))
}

/// Say what the columns of a file are
///
/// Files with the same columns are read so, too, now and from now on.
#[utoipa::path(put, path = "/timesheet-files/{id}/files/{file}/columns", tag = "pay", params(("id" = Uuid, Path), ("file" = Uuid, Path)), request_body = ColumnsBody, responses((status = 200, body = DropView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn map(
    State(host): State<Host>,
    Act(act): Act,
    Named((id, file)): Named<(String, String)>,
    Body(body): Body<ColumnsBody>,
) -> Result<Json<DropView>, Refused> {
    let id = no_such(&id)?;
    let file: FileId = file.parse().map_err(|_| Fault::not_found("There are no such files."))?;
    let timesheets = &host.house.timesheets;
    Box::pin(timesheets.map_file(&act, id, file, &body.mapping()?)).await?;
    Ok(Json(timesheets.dropped(&act, id).await?.into()))
}

/// Forget the files that were not taken
#[utoipa::path(delete, path = "/timesheet-files/{id}", tag = "pay", params(("id" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn forget(
    State(host): State<Host>,
    Act(act): Act,
    Named(id): Named<String>,
) -> Result<StatusCode, Refused> {
    host.house.timesheets.forget_drop(&act, no_such(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

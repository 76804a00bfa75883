use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::RunId;
use domain::people::Permission;
use domain::project::ProjectCode;
use domain::run::RunState;
use domain::workflow::WorkflowName;
use domain::{Fault, FaultKind};
use engine::run::{Start, Started, Wanted};
use serde::Deserialize;

use super::Refused;
use super::extract::{Act, Asked, Body, Named, id};
use super::paging::{page_size, word};
use super::run_views::{
    BatchView, RetryBody, RunLineView, RunView, RunsPage, RunsQuery, SignalBody, StartBody, StartQuery,
    StartedView,
};
use super::unread;
use super::views::Problem;
use crate::http::Host;

/// The most items of one array: they share a transaction.
const MOST_ITEMS: usize = 10_000;

/// One item, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Items {
    Several(Vec<serde_json::Value>),
    One(serde_json::Value),
}

/// Start runs
///
/// Send one item as a JSON object, several as an array, or up to 100,000 as lines of JSON
/// (`Content-Type: application/x-ndjson`). Of several, each has its own answer, in their order; with `atomic=true` all
/// of an array (10,000 at most) are started or none. The answer to lines is lines, sent as they are started; if the stream
/// cannot be read to its end, the last line says why.
#[utoipa::path(post, path = "/runs", tag = "runs", params(StartQuery), request_body = StartBody, responses(
    (status = 201, body = StartedView, description = "One item: its new run"),
    (status = 200, body = BatchView, description = "One item whose key was known: its run. Several: an answer for each"),
    (status = 409, body = Problem, description = "The key belongs to a run with another input"),
    (status = 422, body = Problem, description = "The input does not fit, or, with `atomic`, one of them"),
))]
pub async fn start(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<StartQuery>,
    request: Request,
) -> Result<Response, Refused> {
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let atomic = asked.atomic.unwrap_or(false);
    if kind.starts_with("application/x-ndjson") {
        if atomic {
            let message = "Lines are started as they come. Send an array to start all of its items or none.";
            return Err(Fault::field("atomic", message).into());
        }
        // Asked before anything is read: whoever may not start anything need not send it.
        act.need(Permission::StartRuns)?;
        return Ok(super::lines::start(host, act, request.into_body()));
    }
    let Body(items) = Body::<Items>::from_request(request, &host).await?;
    match items {
        Items::One(item) => {
            let item = read(item)?;
            let mut answers = host.house.runs.start(&act, vec![item], false).await?;
            let started = answers.pop().ok_or_else(|| Fault::invalid("There is no item."))??;
            let status = if started.made { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(StartedView::from(started))).into_response())
        }
        Items::Several(items) if items.len() > MOST_ITEMS => {
            let message =
                format!("An array has at most {MOST_ITEMS} items. Send the rest by itself, or send lines.");
            Err(Fault::new(FaultKind::TooLarge, message).into())
        }
        Items::Several(items) => {
            act.need(Permission::StartRuns)?;
            let answers = several(&host, &act, items.into_iter().map(read).collect(), atomic).await?;
            if atomic && answers.iter().any(Result::is_err) {
                return Err(none(&answers).into());
            }
            Ok(Json(BatchView::from(answers)).into_response())
        }
    }
}

/// An item that holds exactly what is known.
fn read(item: serde_json::Value) -> Result<Start, Fault> {
    unread::read_value::<StartBody>(item).map(Start::from)
}

/// Starts those that could be read; the others keep their answer, and their place.
pub(super) async fn several(
    host: &Host,
    act: &engine::act::Act,
    items: Vec<Result<Start, Fault>>,
    atomic: bool,
) -> Result<Vec<Result<Started, Fault>>, engine::Error> {
    let unreadable = items.iter().any(Result::is_err);
    let mut readable = Vec::with_capacity(items.len());
    let places: Vec<Result<(), Fault>> =
        items.into_iter().map(|item| item.map(|item| readable.push(item))).collect();
    let started = if atomic && unreadable {
        let not_made = || Err(Fault::conflict("Nothing was started: another item cannot be read."));
        readable.iter().map(|_| not_made()).collect()
    } else {
        host.house.runs.start(act, readable, atomic).await?
    };
    let mut started = started.into_iter();
    let lost = || Err(Fault::new(FaultKind::Internal, "The answer to this item was lost."));
    Ok(places.into_iter().map(|place| place.and_then(|()| started.next().unwrap_or_else(lost))).collect())
}

/// Why none of several items was started: each fault with the place of its item before its field.
fn none(answers: &[Result<Started, Fault>]) -> Fault {
    let mut refused = Fault::invalid("Nothing was started, because some of these items cannot be.");
    for (place, answer) in answers.iter().enumerate() {
        let Err(fault) = answer else { continue };
        // Those that only share the fate of others have nothing to say: what is wrong with an item names a field.
        if fault.fields.is_empty() && fault.kind != FaultKind::Conflict {
            refused.fields.push(domain::fault::FieldFault {
                field: format!("/{place}"),
                message: fault.message.clone(),
            });
        }
        refused.fields.extend(fault.fields.iter().map(|field| domain::fault::FieldFault {
            field: format!("/{place}/{}", field.field),
            message: field.message.clone(),
        }));
    }
    refused
}

/// List runs
#[utoipa::path(get, path = "/runs", tag = "runs", params(RunsQuery), responses((status = 200, body = RunsPage)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<RunsQuery>,
) -> Result<Json<RunsPage>, Refused> {
    let wanted = Wanted {
        workflow: workflow(asked.workflow.as_deref())?,
        project: project(asked.project.as_deref())?,
        state: word("state", asked.state.as_deref(), RunState::parse)?,
        key: asked.key,
        from: asked.from,
        until: asked.until,
        reason: None,
        text: asked.text,
    };
    let page = host.house.runs.list(&act, &wanted, asked.after.map(RunId), page_size(asked.limit)?).await?;
    let next = page.next.map(|run| run.0);
    Ok(Json(RunsPage { runs: page.rows.into_iter().map(RunLineView::from).collect(), next }))
}

/// The code of a project in a filter.
pub(super) fn project(code: Option<&str>) -> Result<Option<ProjectCode>, Fault> {
    code.map(ProjectCode::parse).transpose().map_err(|wrong| Fault::field("project", wrong.to_string()))
}

/// The name of a workflow in a filter.
pub(super) fn workflow(name: Option<&str>) -> Result<Option<WorkflowName>, Fault> {
    name.map(WorkflowName::parse).transpose().map_err(|wrong| Fault::field("workflow", wrong.to_string()))
}

/// One run with its trace
#[utoipa::path(get, path = "/runs/{id}", tag = "runs", params(("id" = Uuid, Path)), responses((status = 200, body = RunView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(run): Named<String>,
) -> Result<Json<RunView>, Refused> {
    Ok(Json(host.house.runs.open(&act, id(&run)?).await?.into()))
}

/// What is too large to stand in a run
///
/// Inputs, outputs and details over 64 kB stand in a run as `{"$artifact": NAME, "bytes": N}`; this answers with the JSON itself.
#[utoipa::path(get, path = "/runs/{id}/artifacts/{name}", tag = "runs", params(("id" = Uuid, Path), ("name" = String, Path)), responses((status = 200, content_type = "application/json", body = serde_json::Value)))]
pub async fn artifact(
    State(host): State<Host>,
    Act(act): Act,
    Named((run, name)): Named<(String, String)>,
) -> Result<Response, Refused> {
    let content = host.house.runs.artifact(&act, id(&run)?, &name).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], content).into_response())
}

/// Cancel a run
///
/// What is being done for it at the moment is dropped when it comes to an end.
#[utoipa::path(post, path = "/runs/{id}/cancel", tag = "runs", params(("id" = Uuid, Path)), responses((status = 200, body = RunView), (status = 409, body = Problem)))]
pub async fn cancel(
    State(host): State<Host>,
    Act(act): Act,
    Named(run): Named<String>,
) -> Result<Json<RunView>, Refused> {
    let run = id(&run)?;
    host.house.runs.cancel(&act, run).await?;
    Ok(Json(host.house.runs.open(&act, run).await?.into()))
}

/// Try a run again
///
/// It goes on from where it had come to, or from a step that is to be done again with all that follow it; what was found
/// before is kept. It leaves the dead letters.
#[utoipa::path(post, path = "/runs/{id}/retry", tag = "runs", params(("id" = Uuid, Path)), request_body = RetryBody, responses((status = 200, body = RunView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn retry(
    State(host): State<Host>,
    Act(act): Act,
    Named(run): Named<String>,
    Body(body): Body<RetryBody>,
) -> Result<Json<RunView>, Refused> {
    let run = id(&run)?;
    host.house.runs.retry(&act, run, body.from.as_deref()).await?;
    Ok(Json(host.house.runs.open(&act, run).await?.into()))
}

/// Start a run over
///
/// A new run with the same input, by the newest version of the workflow.
#[utoipa::path(post, path = "/runs/{id}/rerun", tag = "runs", params(("id" = Uuid, Path)), responses((status = 201, body = RunView), (status = 422, body = Problem)))]
pub async fn rerun(
    State(host): State<Host>,
    Act(act): Act,
    Named(run): Named<String>,
) -> Result<(StatusCode, Json<RunView>), Refused> {
    let new = host.house.runs.rerun(&act, id(&run)?).await?;
    Ok((StatusCode::CREATED, Json(host.house.runs.open(&act, new).await?.into())))
}

/// Say something to a run
///
/// A step that waits for this signal goes on with it; if none does yet, it is kept. Each name can be said once: again with
/// the same payload it changes nothing, with another it is a conflict.
#[utoipa::path(post, path = "/runs/{id}/signals/{name}", tag = "runs", params(("id" = Uuid, Path), ("name" = String, Path)), request_body = SignalBody, responses((status = 200, body = RunView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn signal(
    State(host): State<Host>,
    Act(act): Act,
    Named((run, name)): Named<(String, String)>,
    Body(body): Body<SignalBody>,
) -> Result<Json<RunView>, Refused> {
    let run = id(&run)?;
    host.house.runs.signal(&act, run, &name, &body.payload).await?;
    Ok(Json(host.house.runs.open(&act, run).await?.into()))
}

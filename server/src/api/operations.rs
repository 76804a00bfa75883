//! How the engine goes, and what is done about many runs at once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Fault;
use domain::ids::RunId;
use domain::run::{DeadReason, RunState, Sweep};
use domain::workflow::WorkflowName;
use engine::run::Wanted;

use super::Refused;
use super::extract::{Act, Asked, Body, Named};
use super::operation_views::{
    BreakersView, BudgetsView, DeadLettersPage, DeadLettersQuery, MoveBody, MoveView, NumbersQuery,
    NumbersView, PauseBody, QueuesView, SweepBody, SweptView,
};
use super::paging::{next, page_size, word};
use super::runs::{project, workflow};
use super::views::Problem;
use crate::http::Host;

/// More hours than this are read from exports.
const MOST_HOURS: u32 = 24 * 31;

/// Change many runs
///
/// All that a filter finds and the change makes sense for, the newest first: `cancel` those that have not ended, `retry`
/// those that failed or were cancelled, `rerun` those that have ended. With `reason`, only dead letters. With `dry_run` it
/// is only counted. If there is `more`, ask again.
#[utoipa::path(post, path = "/runs/sweep", tag = "runs", request_body = SweepBody, responses((status = 200, body = SweptView), (status = 422, body = Problem)))]
pub async fn sweep(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<SweepBody>,
) -> Result<Json<SweptView>, Refused> {
    let sweep = word("what", Some(&body.what), Sweep::parse)?
        .ok_or_else(|| Fault::field("what", "Say cancel, retry or rerun."))?;
    let wanted = Wanted {
        workflow: workflow(body.workflow.as_deref())?,
        project: project(body.project.as_deref())?,
        state: word("state", body.state.as_deref(), RunState::parse)?,
        key: body.key,
        text: body.text,
        from: body.from,
        until: body.until,
        reason: word("reason", body.reason.as_deref(), DeadReason::parse)?,
    };
    let runs = &host.house.runs;
    let swept = if body.dry_run.unwrap_or(false) {
        runs.would_sweep(&act, &wanted, sweep).await?
    } else {
        runs.sweep(&act, &wanted, sweep).await?
    };
    Ok(Json(swept.into()))
}

/// Runs that could not be brought to an end
#[utoipa::path(get, path = "/dead-letters", tag = "runs", params(DeadLettersQuery), responses((status = 200, body = DeadLettersPage)))]
pub async fn dead_letters(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<DeadLettersQuery>,
) -> Result<Json<DeadLettersPage>, Refused> {
    let workflow = workflow(asked.workflow.as_deref())?;
    let reason = word("reason", asked.reason.as_deref(), DeadReason::parse)?;
    let size = page_size(asked.limit)?;
    let page =
        host.house.runs.dead_letters(&act, workflow.as_ref(), reason, asked.after.map(RunId), size).await?;
    let next = next(&page, |dead| dead.run_id.0);
    Ok(Json(DeadLettersPage { dead_letters: page.rows.into_iter().map(Into::into).collect(), next }))
}

/// How a workflow goes
///
/// What happened in the last hours, this one included: how often runs and steps ended how, and how long they took. A run that
/// failed and was tried again counts each time it ended.
#[utoipa::path(get, path = "/workflows/{name}/numbers", tag = "runs", params(("name" = String, Path), NumbersQuery), responses((status = 200, body = NumbersView)))]
pub async fn numbers(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
    Asked(asked): Asked<NumbersQuery>,
) -> Result<Json<NumbersView>, Refused> {
    let hours = asked.hours.unwrap_or(24);
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(Fault::field("hours", format!("Ask for 1 to {MOST_HOURS} hours.")).into());
    }
    let name = WorkflowName::parse(&name).map_err(|_| Fault::not_found("There is no such workflow."))?;
    let numbers = host.house.runs.numbers(&act, &name, hours).await?;
    Ok(Json(numbers.ok_or_else(|| Fault::not_found("There is no such workflow."))?.into()))
}

/// Pause a workflow
///
/// Its runs are left at their next checkpoint and not gone on with; new ones are taken in and wait.
#[utoipa::path(post, path = "/workflows/{name}/pause", tag = "runs", params(("name" = String, Path)), request_body = PauseBody, responses((status = 204), (status = 409, body = Problem)))]
pub async fn pause(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
    Body(body): Body<PauseBody>,
) -> Result<StatusCode, Refused> {
    host.house.runs.pause(&act, &name, body.why.as_deref().unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have a paused workflow go on
#[utoipa::path(post, path = "/workflows/{name}/resume", tag = "runs", params(("name" = String, Path)), responses((status = 204), (status = 409, body = Problem)))]
pub async fn resume(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
) -> Result<StatusCode, Refused> {
    host.house.runs.resume(&act, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Move runs to another version
///
/// Runs stay on the version they were started on. This moves those that have not ended and can go on by the other version; why
/// the rest stay is answered. What they have found stays found. With `dry_run` nothing is moved. If there is `more`, ask again.
#[utoipa::path(post, path = "/workflows/{name}/move", tag = "runs", params(("name" = String, Path)), request_body = MoveBody, responses((status = 200, body = MoveView), (status = 422, body = Problem)))]
pub async fn move_runs(
    State(host): State<Host>,
    Act(act): Act,
    Named(name): Named<String>,
    Body(body): Body<MoveBody>,
) -> Result<Json<MoveView>, Refused> {
    let runs = &host.house.runs;
    let moved = if body.dry_run.unwrap_or(false) {
        runs.would_move(&act, &name, body.to).await?
    } else {
        runs.move_over(&act, &name, body.to).await?
    };
    Ok(Json(moved.into()))
}

/// Breakers
///
/// Models and services that have failed since anything good was heard of them. What is open is asked by nobody.
#[utoipa::path(get, path = "/breakers", tag = "runs", responses((status = 200, body = BreakersView)))]
pub async fn breakers(State(host): State<Host>, Act(act): Act) -> Result<Json<BreakersView>, Refused> {
    let troubled = host.house.gates.troubled(&act).await?;
    Ok(Json(BreakersView { breakers: troubled.into_iter().map(Into::into).collect() }))
}

/// Budgets
///
/// Workflows that say what their models may cost on a day, and what they have cost today.
#[utoipa::path(get, path = "/budgets", tag = "runs", responses((status = 200, body = BudgetsView)))]
pub async fn budgets(State(host): State<Host>, Act(act): Act) -> Result<Json<BudgetsView>, Refused> {
    let budgets = host.house.gates.budgets(&act).await?;
    Ok(Json(BudgetsView { budgets: budgets.into_iter().map(Into::into).collect() }))
}

/// Close a breaker
///
/// It is asked again from now on, whatever is known of it.
#[utoipa::path(post, path = "/breakers/{dependency}/close", tag = "runs", params(("dependency" = String, Path)), responses((status = 204)))]
pub async fn close_breaker(
    State(host): State<Host>,
    Act(act): Act,
    Named(dependency): Named<String>,
) -> Result<StatusCode, Refused> {
    host.house.gates.close(&act, &dependency).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What waits, and who works
#[utoipa::path(get, path = "/queues", tag = "runs", responses((status = 200, body = QueuesView)))]
pub async fn queues(State(host): State<Host>, Act(act): Act) -> Result<Json<QueuesView>, Refused> {
    let now = act.at;
    Ok(Json(QueuesView::of(host.house.runs.queues(&act).await?, now)))
}

//! The API under `/api/v1`, for programs. A route parses, calls the service and projects the answer; faults leave as
//! problem documents (RFC 9457), and fields that are not known are refused.

mod account_views;
mod accounts;
mod dispute_views;
mod disputes;
mod docs;
mod errands;
mod extract;
mod file_views;
mod files;
mod lines;
mod models;
mod operation_views;
mod operations;
mod paging;
mod payment_views;
mod payments;
mod payout_views;
mod payouts;
mod people;
mod projects;
mod rate_views;
mod rates;
mod review_views;
mod reviews;
mod run_views;
mod runs;
mod shelf;
mod timesheets;
mod unread;
mod views;
mod webhook_views;
mod webhooks;
mod workflows;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{delete, get, patch, post, put};
use axum::{Router, middleware};
use domain::{Fault, FaultKind};
use engine::act::Act;
use utoipa::openapi::content::Content;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::http::{Host, problem};

pub use self::docs::openapi_json;

/// What goes wrong in a route; it leaves as a problem document.
type Refused = extract::Refusal;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign",
        description = "People, projects, workflows, models, runs and reviews of a Countersign desk. Make a token under Profile, API tokens, and send it \
                       as `Authorization: Bearer csn_…`. Lists are paged by key: pass the `next` of one page as `after`.",
    ),
    servers((url = "/api/v1")),
    paths(
        people::list, people::invite, people::get, people::change, people::disable, people::enable,
        projects::list, projects::make, projects::get, projects::change, projects::members, projects::set_member,
        projects::remove_member,
        rates::tasks, rates::add_task, rates::change_task, rates::terms, rates::set_terms, rates::rates, rates::write_rate, rates::assign,
        timesheets::post, files::bring, files::list, files::get, files::take, files::map, files::forget,
        accounts::list,
        payments::list, payments::get, payments::approve, payments::accept, payments::slip, payments::hold, payments::let_go, payments::mine, payments::reverse, payments::remind,
        payouts::of_batch, payouts::file, disputes::list, disputes::raise, disputes::answer, disputes::withdraw,
        runs::list, runs::start, runs::get, runs::artifact, runs::cancel, runs::retry, runs::rerun, runs::signal,
        errands::claim, errands::heartbeat, errands::complete, errands::fail,
        reviews::list, reviews::get, reviews::decide, reviews::escalate,
        operations::sweep, operations::dead_letters, operations::queues, operations::numbers, operations::breakers, operations::budgets, operations::close_breaker, operations::pause, operations::resume, operations::move_runs,
        webhooks::list, webhooks::get, webhooks::send_again, webhooks::send_all_again,
        workflows::list, workflows::apply, workflows::get, workflows::versions, workflows::version,
        models::list, models::apply, models::get, models::versions, models::version,
        models::list_prompts, models::apply_prompt, models::get_prompt, models::prompt_versions, models::prompt_version,
    ),
    modifiers(&Bearer, &Everywhere),
    security(("token" = [])),
    tags((name = "people", description = "Who can sign in"), (name = "projects", description = "What is worked on, and by whom"),
        (name = "pay", description = "What work is paid by, and when, and what everybody gets"),
        (name = "workflows", description = "What is done with each item, and the models and prompts it is done with"),
        (name = "runs", description = "Items on their way through workflows"),
        (name = "errands", description = "Steps that programs of your own do"),
        (name = "reviews", description = "What waits for a person")),
)]
pub struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let token =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token")).build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// What holds for every route: the scope it needs, and how it may fail whatever is asked of it.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let common = [
            ("401", "The token is missing, wrong or has run out"),
            ("403", "The token lacks the scope, or its owner the role"),
            ("503", "The database does not answer; try again later"),
        ];
        for (path, item) in &mut description.paths.paths {
            let named = path.contains('{');
            let methods = [
                (&mut item.get, "read"),
                (&mut item.post, "write"),
                (&mut item.put, "write"),
                (&mut item.patch, "write"),
                (&mut item.delete, "write"),
            ];
            for (operation, right) in methods {
                let Some(operation) = operation else { continue };
                let of = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
                let scope = format!("Needs the scope `{of}:{right}`.");
                let said =
                    operation.description.take().map_or(scope.clone(), |said| format!("{said}\n\n{scope}"));
                operation.description = Some(said);
                let body = operation.request_body.is_some();
                let of_bodies = [
                    ("400", "The body cannot be read: it is not JSON, or broke off"),
                    ("413", "The body is larger than is taken at once"),
                    ("415", "The body is of another kind than this takes"),
                ];
                let of_names = [("404", "There is nothing of this name or id")];
                let special =
                    of_bodies.into_iter().filter(|_| body).chain(of_names.into_iter().filter(|_| named));
                for (status, words) in common.into_iter().chain(special) {
                    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
                    let answer = ResponseBuilder::new()
                        .description(words)
                        .content("application/problem+json", problem)
                        .build();
                    operation.responses.responses.entry(status.to_owned()).or_insert(answer.into());
                }
            }
        }
    }
}

pub fn router(host: &Host) -> Router<Host> {
    let v1 = Router::new()
        .route("/people", get(people::list).post(people::invite))
        .route("/people/{id}", get(people::get).patch(people::change))
        .route("/people/{id}/disable", post(people::disable))
        .route("/people/{id}/enable", post(people::enable))
        .route("/projects", get(projects::list).post(projects::make))
        .route("/projects/{id}", get(projects::get).patch(projects::change))
        .route("/projects/{id}/members", get(projects::members))
        .route("/timesheet-lines", post(timesheets::post))
        .route("/timesheet-files", get(files::list).merge(files::bring_route(host)))
        .route("/timesheet-files/{id}", get(files::get).delete(files::forget))
        .route("/timesheet-files/{id}/take", post(files::take))
        .route("/timesheet-files/{id}/files/{file}/columns", put(files::map))
        .route("/projects/{id}/members/{email}/assignment", put(rates::assign))
        .route("/projects/{id}/tasks", get(rates::tasks).post(rates::add_task))
        .route("/projects/{id}/tasks/{task}", patch(rates::change_task))
        .route("/projects/{id}/terms", get(rates::terms).put(rates::set_terms))
        .route("/projects/{id}/rates", get(rates::rates).post(rates::write_rate))
        .route("/projects/{id}/members/{email}", put(projects::set_member).delete(projects::remove_member))
        .route("/pay/accounts", get(accounts::list))
        .route("/pay/batches", get(payments::list))
        .route("/pay/batches/{id}", get(payments::get))
        .route("/pay/batches/{id}/approve", post(payments::approve))
        .route("/pay/batches/{id}/accept", post(payments::accept))
        .route("/pay/payments/{id}", get(payments::slip))
        .route("/pay/payments/{id}/hold", put(payments::hold).delete(payments::let_go))
        .route("/pay/lines/{id}/reverse", post(payments::reverse))
        .route("/pay/mine", get(payments::mine))
        .route("/pay/batches/{id}/remind", post(payments::remind))
        .route("/pay/batches/{id}/payouts", get(payouts::of_batch))
        .route("/pay/files/{id}", get(payouts::file))
        .route("/pay/disputes", get(disputes::list))
        .route("/pay/disputes/{id}", delete(disputes::withdraw))
        .route("/pay/disputes/{id}/answer", post(disputes::answer))
        .route("/pay/lines/{id}/dispute", post(disputes::raise))
        .route("/workflows", get(workflows::list).post(workflows::apply))
        .route("/workflows/{name}", get(workflows::get))
        .route("/workflows/{name}/pause", post(operations::pause))
        .route("/workflows/{name}/resume", post(operations::resume))
        .route("/workflows/{name}/move", post(operations::move_runs))
        .route("/workflows/{name}/numbers", get(operations::numbers))
        .route("/workflows/{name}/versions", get(workflows::versions))
        .route("/workflows/{name}/versions/{number}", get(workflows::version))
        .route("/models", get(models::list).post(models::apply))
        .route("/models/{name}", get(models::get))
        .route("/models/{name}/versions", get(models::versions))
        .route("/models/{name}/versions/{number}", get(models::version))
        .route("/prompts", get(models::list_prompts).post(models::apply_prompt))
        .route("/prompts/{name}", get(models::get_prompt))
        .route("/prompts/{name}/versions", get(models::prompt_versions))
        .route("/prompts/{name}/versions/{number}", get(models::prompt_version))
        .route("/runs", get(runs::list).post(runs::start))
        .route("/runs/sweep", post(operations::sweep))
        .route("/runs/{id}", get(runs::get))
        .route("/runs/{id}/artifacts/{name}", get(runs::artifact))
        .route("/runs/{id}/cancel", post(runs::cancel))
        .route("/runs/{id}/retry", post(runs::retry))
        .route("/runs/{id}/signals/{name}", post(runs::signal))
        .route("/runs/{id}/rerun", post(runs::rerun))
        .route("/dead-letters", get(operations::dead_letters))
        .route("/errands/claim", post(errands::claim))
        .route("/errands/{id}/heartbeat", post(errands::heartbeat))
        .route("/errands/{id}/complete", post(errands::complete))
        .route("/errands/{id}/fail", post(errands::fail))
        .route("/reviews", get(reviews::list))
        .route("/reviews/{id}", get(reviews::get))
        .route("/reviews/{id}/decide", post(reviews::decide))
        .route("/reviews/{id}/escalate", post(reviews::escalate))
        .route("/queues", get(operations::queues))
        .route("/webhooks", get(webhooks::list))
        .route("/webhooks/send-again", post(webhooks::send_all_again))
        .route("/webhooks/{id}", get(webhooks::get))
        .route("/webhooks/{id}/send-again", post(webhooks::send_again))
        .route("/budgets", get(operations::budgets))
        .route("/breakers", get(operations::breakers))
        .route("/breakers/{dependency}/close", post(operations::close_breaker))
        .route("/openapi.json", get(docs::openapi))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(name_the_request));
    Router::new().nest("/api/v1", v1)
}

async fn nothing() -> Response {
    extract::refusal(Fault::not_found("The API has nothing at this address. See /api/docs."))
}

async fn wrong_method(request: Request) -> Response {
    let message = format!("{} cannot be used here. See /api/docs for what can.", request.method());
    extract::refusal(Fault::new(FaultKind::WrongMethod, message))
}

/// Writes the id of the request into what goes wrong, so that whoever asks for help can name it.
async fn name_the_request(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<Act>().map(|act| act.request_id.to_string());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Fault>() {
        Some(fault) => problem(&Fault { request_id: id, ..fault }),
        None => response,
    }
}

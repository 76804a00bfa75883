//! Where forms and islands post to: the server functions under `/do/`.
//!
//! An island is answered in JSON. A plain form is answered with a page: on success the browser is sent on, or, where
//! the function has something to show (a link, a preview), the page of the form is rendered with it; on a fault the
//! page of the form is rendered with what was entered and what is wrong with it, under the status of the fault.

use std::sync::Arc;

use app::Failure;
use app::visit::{FormPage, Posted, local_path};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::act::{Act, Actor};
use leptos::prelude::FromServerFnError;

use super::{Host, fault};

/// The page a form stands on; the form says so itself.
const FROM: &str = "_from";

pub async fn submit(State(host): State<Host>, Path(action): Path<String>, request: Request) -> Response {
    let wants_page = fault::wants_page(request.headers());
    let (mut parts, body) = request.into_parts();
    let values = match read(&host, &parts, body).await.and_then(without_nul) {
        Ok(values) => values,
        Err(wrong) => {
            let request = Request::from_parts(parts, Body::empty());
            return fault::answer(&host.pages, request, wrong).await;
        }
    };
    let from =
        values.iter().find(|(name, _)| name == FROM).map_or("/", |(_, path)| local_path(path)).to_owned();
    let from = if must_enrol(&host, &parts) { "/profile/security".to_owned() } else { from };
    parts.extensions.insert(FormPage(from.clone()));
    let called = call(&host, &parts, &values).await;
    let outcome = match called {
        Called::Answer(answer) if wants_page => match sent_on(&answer) {
            Some(onward) => return onward,
            None => body_json(answer).await,
        },
        Called::Fault(wrong) if wants_page => Err(wrong),
        Called::Answer(answer) => return answer,
        Called::Fault(wrong) => {
            return fault::with_retry((fault::status(&wrong), axum::Json(&wrong)).into_response(), &wrong);
        }
    };
    shown_again(&host, parts, &from, Posted { action, values, outcome }).await
}

/// The page a form stands on, with what became of it.
pub async fn shown_again(host: &Host, mut parts: Parts, from: &str, posted: Posted) -> Response {
    let wrong = posted.outcome.as_ref().err().cloned();
    parts.extensions.insert(Arc::new(posted));
    if let Ok(uri) = from.parse::<Uri>() {
        parts.uri = uri;
    }
    let mut response = host.pages.render(parts).await;
    let Some(wrong) = wrong else { return response };
    if response.status() == StatusCode::OK {
        *response.status_mut() = fault::status(&wrong);
    }
    fault::with_retry(response, &wrong)
}

/// What a form does is not done by following a link.
pub async fn only_posted(State(host): State<Host>, request: Request) -> Response {
    let message = "This address takes what a form sends. Go to the page and use its button.";
    fault::answer(&host.pages, request, Fault::new(FaultKind::WrongMethod, message)).await
}

/// Whoever owes policy the second step is shown no page but the one to set it up on, not even as an answer to a form.
fn must_enrol(host: &Host, parts: &Parts) -> bool {
    match parts.extensions.get::<Act>().map(|act| &act.actor) {
        Some(Actor::Person { person, .. }) => host.house.people.must_enrol(person),
        _ => false,
    }
}

enum Called {
    Answer(Response),
    Fault(Fault),
}

/// Runs the server function with the values that were posted.
async fn call(host: &Host, parts: &Parts, values: &[(String, String)]) -> Called {
    let mut parts = parts.clone();
    // The page is our business, not the function's: as if an island had asked.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    parts.headers.insert(header::CONTENT_TYPE, form);
    parts.headers.remove(header::CONTENT_LENGTH);
    let passed_on: Vec<_> = values.iter().filter(|(name, _)| name != FROM).collect();
    let body = serde_html_form::to_string(passed_on).unwrap_or_default();
    let request = Request::from_parts(parts.clone(), Body::from(body));
    let context = host.pages.context();
    let answer =
        leptos_axum::handle_server_fns_with_context(move || context.provide(), request).await.into_response();
    if answer.status().is_success() || answer.status().is_redirection() {
        return Called::Answer(answer);
    }
    if answer.status() == StatusCode::BAD_REQUEST && answer.headers().get(header::CONTENT_TYPE).is_none() {
        return Called::Fault(Fault::not_found("No form is answered at this address."));
    }
    let mut wrong = match to_bytes(answer.into_body(), host.options.body_limit).await {
        Ok(bytes) => Failure::de(bytes).0,
        Err(_) => Fault::new(FaultKind::Internal, "Something went wrong on our side."),
    };
    wrong.request_id =
        wrong.request_id.or(parts.extensions.get::<Act>().map(|act| act.request_id.to_string()));
    Called::Fault(wrong)
}

/// The answer that leads on, with the cookies the function has set.
fn sent_on(answer: &Response) -> Option<Response> {
    let location = answer.headers().get(header::LOCATION)?.clone();
    let mut onward = StatusCode::SEE_OTHER.into_response();
    onward.headers_mut().insert(header::LOCATION, location);
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        onward.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Some(onward)
}

async fn body_json(answer: Response) -> Result<serde_json::Value, Fault> {
    const MOST: usize = 16 * 1024 * 1024;
    let lost = || Fault::new(FaultKind::Internal, "It was done, but the answer could not be shown.");
    let bytes = to_bytes(answer.into_body(), MOST).await.map_err(|_| lost())?;
    serde_json::from_slice(&bytes).map_err(|_| lost())
}

/// The names and values of a form, however it was encoded; a file counts as the text it holds.
async fn read(host: &Host, parts: &Parts, body: Body) -> Result<Vec<(String, String)>, Fault> {
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bytes = limited(host, body).await?;
    if kind.starts_with("multipart/form-data") {
        let request = Request::from_parts(parts.clone(), Body::from(bytes));
        return read_parts(request).await;
    }
    if kind.starts_with("application/x-www-form-urlencoded") || bytes.is_empty() {
        if !is_text(&bytes) {
            let message = "A field is not text in UTF-8. Reload the page and enter it again.";
            return Err(Fault::new(FaultKind::Malformed, message));
        }
        return serde_html_form::from_bytes(&bytes).map_err(|_| unreadable());
    }
    Err(Fault::new(FaultKind::WrongType, "Send this as a form (application/x-www-form-urlencoded)."))
}

/// What is not UTF-8 would be decoded to other signs, and kept as something else than what was sent.
fn is_text(form: &[u8]) -> bool {
    let decoded: Vec<u8> = percent_encoding::percent_decode(form).collect();
    String::from_utf8(decoded).is_ok()
}

/// NUL cannot be kept in a database and is never typed by a person.
fn without_nul(values: Vec<(String, String)>) -> Result<Vec<(String, String)>, Fault> {
    if values.iter().any(|(_, value)| value.contains('\0')) {
        return Err(Fault::new(
            FaultKind::Malformed,
            "A field holds a NUL character. Remove it and send the form again.",
        ));
    }
    Ok(values)
}

pub fn unreadable() -> Fault {
    Fault::new(FaultKind::Malformed, "The form could not be read. Reload the page and try again.")
}

async fn limited(host: &Host, body: Body) -> Result<Bytes, Fault> {
    to_bytes(body, host.options.body_limit).await.map_err(|_| too_large(host.options.body_limit))
}

pub fn too_large(most: usize) -> Fault {
    let most = most / 1024;
    Fault::new(
        FaultKind::TooLarge,
        format!("This is more than the {most} kB that are taken at once. Send less."),
    )
}

async fn read_parts(request: Request) -> Result<Vec<(String, String)>, Fault> {
    let wrong = |_| Fault::new(FaultKind::Malformed, "The upload broke off. Try again.");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut values = Vec::new();
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(wrong)?;
        values.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(values)
}

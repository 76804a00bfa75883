//! The request at hand, as pages and server functions see it: who asks, their session, and what was posted.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use domain::people::Person;
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::{Act, Actor};
use engine::people::{Admitted, People};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::location::{RequestUrl, Url};
use tower_sessions::Session;

use crate::Failure;
use crate::shell::Refused;

/// The keys of what a session remembers.
pub mod keys {
    pub const PERSON: &str = "person";
    /// Since when the password has held with which the session began.
    pub const PASSWORD_OF: &str = "password_of";
    pub const ADDRESS: &str = "address";
    pub const AGENT: &str = "agent";
    /// Who has given a right password and owes the second step.
    pub const PENDING: &str = "pending";
}

/// How cookies are to be set: decided once, from the address people use.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    /// Anything but plain localhost.
    pub secure: bool,
}

/// What a form posted, when a page is the answer to a post.
#[derive(Clone, Debug)]
pub struct Posted {
    pub action: String,
    pub values: Vec<(String, String)>,
    pub outcome: Result<serde_json::Value, Fault>,
}

/// The hash a session is kept under.
#[derive(Clone, Debug)]
pub struct SessionHash(pub String);

fn parts() -> Option<Parts> {
    use_context::<Parts>()
}

fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    parts().and_then(|parts| parts.extensions.get::<T>().cloned())
}

/// The page a form stands on.
#[derive(Clone, Debug)]
pub struct FormPage(pub String);

/// Who asks, when, and on which request. The host puts it there before anything else runs.
pub fn act() -> Result<Act, Error> {
    extension::<Act>().ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared.").into())
}

/// The signed-in person, if any.
pub fn me() -> Option<Arc<Person>> {
    match extension::<Act>()?.actor {
        Actor::Person { person, .. } => Some(person),
        _ => None,
    }
}

pub fn request_id() -> String {
    extension::<Act>().map_or_else(|| "unknown".to_owned(), |act| act.request_id.to_string())
}

pub fn refused() -> Option<Refused> {
    extension::<Refused>()
}

pub fn posted() -> Option<Arc<Posted>> {
    extension::<Arc<Posted>>()
}

/// The path and query of the page.
pub fn here() -> String {
    parts()
        .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
        .unwrap_or_else(|| "/".to_owned())
}

/// Where people reach this server.
pub fn base_url() -> String {
    use_context::<People>().map_or_else(String::new, |people| people.policy().base_url.clone())
}

/// One value of the query.
pub fn query(name: &str) -> Option<String> {
    let url = RequestUrl::new(&parts()?.uri.to_string()).parse().ok()?;
    url.search_params().get(name).filter(|value| !value.trim().is_empty() && !value.contains('\0'))
}

/// Text as it is kept: browsers post the lines of a textarea with CRLF between them.
pub fn plain_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The page of the form that was posted.
pub fn form_page() -> String {
    extension::<FormPage>().map_or_else(|| "/".to_owned(), |FormPage(path)| path)
}

pub fn header_text(name: HeaderName) -> Option<String> {
    let parts = parts()?;
    parts.headers.get(name)?.to_str().ok().map(str::to_owned)
}

pub fn cookie(name: &str) -> Option<String> {
    let all = header_text(header::COOKIE)?;
    let found = all.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name);
    found.map(|(_, value)| value.to_owned())
}

pub fn session() -> Result<Session, Error> {
    extension::<Session>()
        .ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared.").into())
}

pub fn session_hash() -> Option<String> {
    extension::<SessionHash>().map(|hash| hash.0)
}

/// The session layer failed: for the operator it is a database error, for the person something to try again.
fn lost(error: &tower_sessions::session::Error) -> Error {
    tracing::error!(%error, request_id = %request_id(), "the session could not be kept");
    Fault::new(FaultKind::Unavailable, "You could not be signed in just now. Please try again in a moment.")
        .into()
}

/// The session, empty and under a new id: an id from before is worth nothing.
async fn fresh_session() -> Result<Session, Error> {
    let session = session()?;
    session.clear().await;
    session.cycle_id().await.map_err(|error| lost(&error))?;
    Ok(session)
}

/// Begins a signed-in session.
pub async fn begin_session(admitted: &Admitted) -> Result<(), Error> {
    let session = fresh_session().await?;
    let address = act()?.address.to_string();
    let agent: String = header_text(header::USER_AGENT).unwrap_or_default().chars().take(300).collect();
    for (key, value) in [
        (keys::PERSON, admitted.person.id.to_string()),
        (keys::PASSWORD_OF, admitted.password_of.to_rfc3339()),
        (keys::ADDRESS, address),
        (keys::AGENT, agent),
    ] {
        session.insert(key, value).await.map_err(|error| lost(&error))?;
    }
    session.save().await.map_err(|error| lost(&error))
}

/// Remembers who owes the second step.
pub async fn await_second_step(person: PersonId) -> Result<(), Error> {
    let session = fresh_session().await?;
    session.insert(keys::PENDING, (person, act()?.at)).await.map_err(|error| lost(&error))?;
    session.save().await.map_err(|error| lost(&error))
}

/// Who owes the second step, and since when.
pub async fn pending_second_step() -> Result<Option<(PersonId, DateTime<Utc>)>, Error> {
    session()?.get(keys::PENDING).await.map_err(|error| lost(&error))
}

pub async fn end_session() -> Result<(), Error> {
    session()?.flush().await.map_err(|error| lost(&error))
}

/// Sends the browser on, with a word of what was done.
pub fn done(path: &str, word: &str) {
    if !word.is_empty() {
        set_cookie("flash", &percent(word), 30, true);
    }
    leptos_axum::redirect(path);
}

/// Sends whoever asked for a page to another, whatever they can read.
pub fn send_on(path: &str) {
    let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path))
    else {
        return;
    };
    response.set_status(StatusCode::FOUND);
    response.insert_header(header::LOCATION, location);
}

/// What the last action has said, shown once.
pub fn take_flash() -> Option<String> {
    let text = unpercent(&cookie("flash")?);
    set_cookie("flash", "", 0, true);
    (!text.is_empty()).then_some(text)
}

pub fn set_cookie(name: &str, value: &str, max_age_s: u32, http_only: bool) {
    let secure = use_context::<Cookies>().is_none_or(|cookies| cookies.secure);
    let mut cookie = format!("{name}={value}; Path=/; SameSite=Lax; Max-Age={max_age_s}");
    if http_only {
        cookie.push_str("; HttpOnly");
    }
    if secure {
        cookie.push_str("; Secure");
    }
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(header::SET_COOKIE, value);
    }
}

/// Only what points into this very site may be gone to after signing in.
pub fn local_path(path: &str) -> &str {
    // Nothing but plain signs: browsers leave tabs out of an address, and a header takes no others.
    let plain = path.bytes().all(|byte| matches!(byte, 0x21..=0x7e) && byte != b'\\');
    let local = plain && path.starts_with('/') && !path.starts_with("//");
    if local { path } else { "/" }
}

/// Ends a server function with the fault, logged and with the id of the request.
pub fn refuse<T>(fault: Fault) -> Result<T, Failure> {
    Err(Failure::from(Error::from(fault)))
}

pub fn percent(text: &str) -> String {
    let letters = text.bytes().map(|byte| match byte {
        b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    letters.collect()
}

fn unpercent(text: &str) -> String {
    Url::unescape(text)
}

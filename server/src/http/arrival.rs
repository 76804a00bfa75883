//! The first and the last that a request meets: it gets an id, its end is logged, and it is found out who asks.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use app::visit::SessionHash;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Fault, FaultKind};
use engine::act::{Act, Actor};
use engine::secret;
use tower_sessions::Session;
use tracing::Instrument;

use super::{Host, fault};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request and logs how it ended.
pub async fn arrive(State(host): State<Host>, mut request: Request, next: Next) -> Response {
    let id: Arc<str> = host.house.world.id().to_string().into();
    let address = address(request.headers(), request.extensions(), host.options.trust_proxy);
    let act = Act::new(&host.house.world, Actor::Nobody, id.clone()).from_address(address.clone());
    request.extensions_mut().insert(act);
    let (method, path) = (request.method().clone(), tell(request.uri().path()));
    let span = tracing::info_span!("request", request_id = %id);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span).await;
    let status = response.status().as_u16();
    let took_ms = began.elapsed().as_millis();
    if status >= 500 {
        tracing::error!(request_id = %id, %method, path, status, took_ms, %address, "answered");
    } else if status >= 400 {
        // Whoever is refused is shown the id of the request: it has to be found when they ask about it.
        tracing::info!(request_id = %id, %method, path, status, took_ms, %address, "refused");
    } else {
        tracing::debug!(request_id = %id, %method, path, status, took_ms, %address, "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A path as it may stand in a log: the secrets of one-time links do not.
fn tell(path: &str) -> String {
    let secret = ["/set-up/", "/invitation/", "/reset/"].into_iter().find(|prefix| path.starts_with(prefix));
    secret.map_or_else(|| path.to_owned(), |prefix| format!("{prefix}…"))
}

/// Finds out who asks: by the token they bring, or by their session.
pub async fn who(State(host): State<Host>, mut request: Request, next: Next) -> Response {
    let Some(mut act) = request.extensions().get::<Act>().cloned() else {
        let unprepared = Fault::new(FaultKind::Internal, "The request was not prepared.");
        return fault::answer(&host.pages, request, unprepared).await;
    };
    let people = &host.house.people;
    if let Some(token) = bearer(request.headers()) {
        act.actor = match people.bearer(token, act.at).await {
            Ok(Some(actor)) => actor,
            Ok(None) => {
                let wrong = Fault::new(FaultKind::SignedOut, "This token is not valid, or not any more.");
                return fault::answer(&host.pages, request, wrong).await;
            }
            Err(error) => return fault::log_and_answer(&host.pages, request, error).await,
        };
    } else if let Some(id) = request.extensions().get::<Session>().and_then(Session::id) {
        let hash = secret::hash(&id.to_string());
        match people.who(&hash, act.at).await {
            Ok(Some(person)) => act.actor = Actor::Person { person, scopes: None },
            Ok(None) => {}
            Err(error) => return fault::log_and_answer(&host.pages, request, error).await,
        }
        request.extensions_mut().insert(SessionHash(hash));
    }
    if let Actor::Person { person, .. } = &act.actor
        && people.must_enrol(person)
        && !may_pass_unenrolled(request.uri().path())
    {
        return send_to_enrol(&host, request, act).await;
    }
    request.extensions_mut().insert(act);
    next.run(request).await
}

/// What somebody can still reach whom policy wants to set up the second step first.
fn may_pass_unenrolled(path: &str) -> bool {
    ["/profile/security", "/do/begin_two_step", "/do/enable_two_step", "/do/sign_out", "/do/set_theme"]
        .contains(&path)
}

async fn send_to_enrol(host: &Host, mut request: Request, act: Act) -> Response {
    if request.method() == Method::GET && fault::wants_page(request.headers()) {
        return Redirect::to("/profile/security").into_response();
    }
    request.extensions_mut().insert(act);
    let message = "Your role needs two-step sign-in. Set it up under Profile, Security, then come back.";
    fault::answer(&host.pages, request, Fault::forbidden(message)).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Where a request comes from. Of an IPv6 address only the network counts: its owner has all the rest.
fn address(headers: &HeaderMap, extensions: &Extensions, trust_proxy: bool) -> String {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    // The last entry of the last such header is the one our own proxy has written; the others anybody could have.
    let told = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let told = told.and_then(|list| list.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    match if trust_proxy { told.or(peer) } else { peer } {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_as(peer: &str, told: Option<&'static str>, trust: bool) -> String {
        let (mut headers, mut extensions) = (HeaderMap::new(), Extensions::new());
        let peer: IpAddr = peer.parse().unwrap();
        extensions.insert(ConnectInfo(SocketAddr::new(peer, 1)));
        if let Some(told) = told {
            headers.insert("x-forwarded-for", HeaderValue::from_static(told));
        }
        address(&headers, &extensions, trust)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        assert_eq!(seen_as("192.0.2.1", Some("203.0.113.9"), false), "192.0.2.1");
        assert_eq!(seen_as("192.0.2.1", Some("10.0.0.1, 203.0.113.9"), true), "203.0.113.9");
        assert_eq!(seen_as("192.0.2.1", Some("rubbish"), true), "192.0.2.1");
        assert_eq!(seen_as("::ffff:192.0.2.1", None, false), "192.0.2.1");
        assert_eq!(seen_as("2001:db8:1:2:3:4:5:6", None, false), "2001:db8:1:2::/64");
    }

    #[test]
    fn secrets_of_links_are_not_logged() {
        assert_eq!(tell("/reset/abc"), "/reset/…");
        assert_eq!(tell("/people"), "/people");
    }
}

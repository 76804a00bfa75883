//! HTTP. The order of the layers is the order in which a request meets them; [`router`] shows it in one place.

mod arrival;
mod artifact;
mod cross_site;
mod download;
mod events;
mod export;
mod fault;
pub mod files;
mod forms;
mod health;
mod pages;
mod panics;
mod payout;
mod receipt;
mod security;
mod session;
mod site;
mod time_limit;
mod timesheets;

use std::sync::Arc;
use std::time::Duration;

use app::shell::STARTED;
use app::ui::EVENTS;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieAge;
use tower_sessions::{Expiry, SessionManagerLayer};

pub use self::fault::document as problem;
pub use self::pages::Pages;
use self::session::Sessions;
pub use self::site::Site;
use crate::{House, api};

/// How the server meets the outside.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Where people reach it; decides on the safety of cookies and on who counts as ourselves.
    pub base_url: String,
    /// Whether a proxy in front tells the address of the client.
    pub trust_proxy: bool,
    pub body_limit: usize,
    /// For files of timesheets.
    pub upload_limit: usize,
    pub timeout: Duration,
    /// Whether open pages ask if the server was started again, and then reload themselves.
    pub reload_pages: bool,
}

impl HttpOptions {
    pub fn secure(&self) -> bool {
        Self::is_secure(&self.base_url)
    }

    /// Whether a server reached at this address keeps its cookies to https: they travel in the clear only on this very
    /// machine.
    pub fn is_secure(base_url: &str) -> bool {
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        !local.iter().any(|prefix| {
            base_url.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    }
}

/// What handlers share.
#[derive(Clone)]
pub struct Host {
    pub house: House,
    pub pages: Pages,
    pub options: HttpOptions,
    /// As many pages may be followed at once.
    followers: Arc<Semaphore>,
    /// Asks that lines that stay open end, so that the server can stop.
    pub closing: CancellationToken,
}

/// Each is rendered again every few seconds.
const MOST_FOLLOWERS: usize = 1_000;

impl Host {
    pub fn new(house: House, site: &Site, options: HttpOptions) -> Self {
        let pages = Pages::new(&house, site, &options);
        let followers = Arc::new(Semaphore::new(MOST_FOLLOWERS));
        Self { house, pages, options, followers, closing: CancellationToken::new() }
    }
}

pub fn router(host: Host, site: &Site) -> Router {
    let secure = host.options.secure();
    let sessions = SessionManagerLayer::new(Sessions::new(&host.house))
        .with_name(if secure { "__Host-countersign" } else { "countersign" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        // From signing in: only what changes a session writes it anew.
        .with_expiry(Expiry::OnInactivity(CookieAge::days(30)));

    // What knows who asks.
    let personal = Router::new()
        .route("/do/{action}", post(forms::submit).fallback(forms::only_posted))
        .route("/do/bring_files", files::route(&host))
        .route("/audit/export.csv", get(export::csv))
        .route("/timesheet/export.csv", get(timesheets::csv))
        .route("/audit/export.jsonl", get(export::jsonl))
        .route(EVENTS, get(events::follow))
        .route("/runs/{id}/artifacts/{name}", get(artifact::json))
        .route("/pay/files/{id}/download", get(payout::download))
        .route("/pay/{id}/bundle", get(payout::bundle))
        .route("/payments/{id}/receipt.pdf", get(receipt::pdf))
        .merge(api::router(&host))
        .fallback(pages::page)
        .layer(middleware::from_fn_with_state(host.clone(), arrival::who))
        .layer(sessions)
        .layer(middleware::from_fn_with_state(host.clone(), cross_site::refuse))
        .layer(middleware::from_fn_with_state(host.clone(), time_limit::within));

    let mut open = Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready));
    if host.options.reload_pages {
        open = open.route(STARTED, get(health::started));
    }
    let routes = open
        .merge(personal)
        .layer(DefaultBodyLimit::max(host.options.body_limit))
        .with_state(host.clone())
        // Files are answered before any of that is asked about.
        .merge(site.router());
    within_the_walls(routes, host)
}

/// What every answer passes through, whatever gave it.
pub fn within_the_walls(routes: Router, host: Host) -> Router {
    routes
        .layer(middleware::from_fn_with_state(host.clone(), panics::caught))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(middleware::from_fn_with_state(host.clone(), security::headers))
        .layer(middleware::from_fn_with_state(host, arrival::arrive))
}

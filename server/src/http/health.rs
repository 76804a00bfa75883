//! Is the process alive; can it do its work.

use axum::extract::State;
use axum::http::StatusCode;

use super::Host;

pub async fn alive() -> &'static str {
    "ok\n"
}

/// Names this start of the server, for pages in development that want to know when there was another.
pub async fn started(State(host): State<Host>) -> String {
    host.pages.started().unwrap_or_default().to_owned()
}

/// Makes a round trip to the database: without it nothing useful can be answered.
pub async fn ready(State(host): State<Host>) -> (StatusCode, &'static str) {
    match host.house.db.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

//! Is the process alive; can it do its work.

use axum::extract::State;
use axum::http::StatusCode;

use super::Host;

pub async fn alive() -> &'static str {
    "ok\n"
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

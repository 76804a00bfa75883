//! Is the process alive; can it do its work.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use super::Host;

/// Whoever probes has a limit of their own, and should hear more than that it was reached.
const READY_WITHIN: Duration = Duration::from_secs(3);

pub async fn alive() -> &'static str {
    "ok\n"
}

/// Names this start of the server, for pages in development that want to know when there was another.
pub async fn started(State(host): State<Host>) -> String {
    host.pages.started().unwrap_or_default().to_owned()
}

/// Makes a round trip to the database: without it nothing useful can be answered.
pub async fn ready(State(host): State<Host>) -> (StatusCode, &'static str) {
    let why = match tokio::time::timeout(READY_WITHIN, host.house.db.ping()).await {
        Ok(Ok(())) => return (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", READY_WITHIN.as_secs()),
    };
    tracing::warn!(why, "not ready");
    (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
}

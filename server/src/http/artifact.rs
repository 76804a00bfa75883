//! What is too large for the page of a run, as a file.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use domain::Fault;
use engine::Error;
use engine::act::Act;

use super::download::{asks, attachment};
use super::{Host, fault};

pub async fn json(
    State(host): State<Host>,
    Path((run, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    match content(&host, asks(&request), &run, &name).await {
        Ok(content) => {
            let short: String = name.chars().take(12).collect();
            attachment("application/json", &format!("{short}.json"), content)
        }
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

async fn content(host: &Host, act: Result<Act, Fault>, run: &str, name: &str) -> Result<Vec<u8>, Error> {
    let act = act?;
    let run = run.parse().map_err(|_| Fault::not_found("There is no such run."))?;
    host.house.runs.artifact(&act, run, name).await
}

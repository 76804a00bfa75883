//! What is too large for the page of a run, as a file.

use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;

use super::{Host, fault};

pub async fn json(
    State(host): State<Host>,
    Path((run, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    match content(&host, request.extensions().get(), &run, &name).await {
        Ok(content) => {
            let short: String = name.chars().take(12).collect();
            let disposition = format!("attachment; filename=\"{short}.json\"");
            let headers = [
                (header::CONTENT_TYPE, "application/json".to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, content).into_response()
        }
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

async fn content(host: &Host, act: Option<&Act>, run: &str, name: &str) -> Result<Vec<u8>, Error> {
    let act = act.ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared."))?;
    let run = run.parse().map_err(|_| Fault::not_found("There is no such run."))?;
    host.house.runs.artifact(act, run, name).await
}

//! What leaves with the money: payment files, byte for byte as they were made, and the bundle of a batch.

use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;
use engine::payout::PayoutFile;

use super::{Host, fault};

pub async fn download(State(host): State<Host>, Path(id): Path<String>, request: Request) -> Response {
    match content(&host, request.extensions().get(), &id).await {
        Ok((file, content)) => {
            let headers = [
                (header::CONTENT_TYPE, file.format.media_type().to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
            ];
            (headers, content).into_response()
        }
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

async fn content(host: &Host, act: Option<&Act>, id: &str) -> Result<(PayoutFile, Vec<u8>), Error> {
    let act = act.ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared."))?;
    let id = id.parse().map_err(|_| Fault::not_found("There is no such payment file."))?;
    host.house.payouts.fetch(act, id).await
}

/// All that was approved and paid with a batch.
pub async fn bundle(State(host): State<Host>, Path(id): Path<String>, request: Request) -> Response {
    match bundled(&host, request.extensions().get(), &id).await {
        Ok((name, content)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/zip".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            (headers, content).into_response()
        }
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

async fn bundled(host: &Host, act: Option<&Act>, id: &str) -> Result<(String, Vec<u8>), Error> {
    let act = act.ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared."))?;
    let id = id.parse().map_err(|_| Fault::not_found("There is no such batch."))?;
    host.house.payouts.bundle(act, id).await
}

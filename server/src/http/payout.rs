//! What leaves with the money: payment files, byte for byte as they were made, and the bundle of a batch.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use domain::Fault;
use engine::Error;
use engine::act::Act;
use engine::payout::PayoutFile;

use super::download::{asks, attachment};
use super::{Host, fault};

pub async fn download(State(host): State<Host>, Path(id): Path<String>, request: Request) -> Response {
    match content(&host, asks(&request), &id).await {
        Ok((file, content)) => attachment(file.format.media_type(), &file.name, content),
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

async fn content(host: &Host, act: Result<Act, Fault>, id: &str) -> Result<(PayoutFile, Vec<u8>), Error> {
    let id = id.parse().map_err(|_| Fault::not_found("There is no such payment file."))?;
    host.house.payouts.fetch(&act?, id).await
}

/// All that was approved and paid with a batch.
pub async fn bundle(State(host): State<Host>, Path(id): Path<String>, request: Request) -> Response {
    match bundled(&host, asks(&request), &id).await {
        Ok((name, content)) => attachment("application/zip", &name, content),
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

async fn bundled(host: &Host, act: Result<Act, Fault>, id: &str) -> Result<(String, Vec<u8>), Error> {
    let id = id.parse().map_err(|_| Fault::not_found("There is no such batch."))?;
    host.house.payouts.bundle(&act?, id).await
}

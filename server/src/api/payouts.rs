//! How batches are paid. Files are made and fetched, and outcomes are said, by people in a browser, and by no program: whoever says
//! that a payment has failed has it paid again.

use axum::Json;
use axum::extract::State;

use super::Refused;
use super::extract::{Act, Named, id};
use super::payout_views::{FileView, PayingView};
use super::views::Problem;
use crate::http::Host;

/// How far the payments of a batch have come
#[utoipa::path(get, path = "/pay/batches/{id}/payouts", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = PayingView), (status = 404, body = Problem)))]
pub async fn of_batch(
    State(host): State<Host>,
    Act(act): Act,
    Named(batch): Named<String>,
) -> Result<Json<PayingView>, Refused> {
    let batch = id(&batch)?;
    let currency = host.house.payments.batch_line(&act, batch).await?.currency;
    let paying = host.house.payouts.paying(&act, batch, &currency).await?;
    Ok(Json(PayingView::of(paying, &currency)))
}

/// One payment file, with what has become of its payments
///
/// What is in it names accounts in full, and is fetched in a browser only.
#[utoipa::path(get, path = "/pay/files/{id}", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = FileView), (status = 404, body = Problem)))]
pub async fn file(
    State(host): State<Host>,
    Act(act): Act,
    Named(file): Named<String>,
) -> Result<Json<FileView>, Refused> {
    Ok(Json(host.house.payouts.sheet(&act, id(&file)?).await?.into()))
}

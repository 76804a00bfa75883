//! The receipt of a payment, as a PDF.

use app::receipt::{Receipt, write};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;

use super::download::{asks, attachment};
use super::{Host, fault};

pub async fn pdf(State(host): State<Host>, Path(id): Path<String>, request: Request) -> Response {
    match content(&host, asks(&request), &id).await {
        Ok((name, content)) => attachment("application/pdf", &name, content),
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

/// Whoever may see a payment gets its receipt, once it is approved.
async fn content(host: &Host, act: Result<Act, Fault>, id: &str) -> Result<(String, Vec<u8>), Error> {
    let id = id.parse().map_err(|_| Fault::not_found("There is no such payment."))?;
    let slip = host.house.payments.slip(&act?, id).await?;
    if slip.batch.is_open() || slip.payment.held_for.is_some() {
        return Err(Fault::conflict("There is a receipt once the payment is approved.").into());
    }
    let transfers = host.house.payouts.of_payment(id).await?;
    let payer = host.house.payouts.payer_name().await?;
    let period = slip.batch.period();
    let name = format!("receipt-{}-{}-{}.pdf", period.from, period.until, slip.batch.currency);
    let written = tokio::task::spawn_blocking(move || {
        let payer = payer.as_ref().map(domain::payee::HolderName::as_str);
        write(&Receipt { slip: &slip, transfers: &transfers, payer })
    });
    let content =
        written.await.map_err(|_| Fault::new(FaultKind::Internal, "The receipt could not be written."))??;
    Ok((name, content))
}

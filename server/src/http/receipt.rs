//! The receipt of a payment, as a PDF.

use app::receipt::{Receipt, write};
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::Error;
use engine::act::Act;

use super::{Host, fault};

pub async fn pdf(State(host): State<Host>, Path(id): Path<String>, request: Request) -> Response {
    match Box::pin(content(&host, request.extensions().get(), &id)).await {
        Ok((name, content)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/pdf".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            (headers, content).into_response()
        }
        Err(error) => fault::log_and_answer(&host.pages, request, error).await,
    }
}

/// Whoever may see a payment gets its receipt, once it is approved.
async fn content(host: &Host, act: Option<&Act>, id: &str) -> Result<(String, Vec<u8>), Error> {
    let act = act.ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared."))?;
    let id = id.parse().map_err(|_| Fault::not_found("There is no such payment."))?;
    let slip = host.house.payments.slip(act, id).await?;
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

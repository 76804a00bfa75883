//! What can be done about payouts.

use domain::payout::{OutcomeDraft, PayerDraft, TransferState};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What a report has changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakenView {
    pub changed: Vec<ChangeView>,
    pub known: usize,
    pub pending: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeView {
    pub payment: String,
    pub person: String,
    pub reference: String,
    pub amount: String,
    pub state: TransferState,
    pub reason: Option<String>,
}

#[cfg(feature = "ssr")]
mod server {
    use domain::Fault;
    use domain::ids::PayoutFileId;
    use domain::payout::Format;
    use engine::payout::Payouts;

    use crate::Failure;

    pub fn payouts() -> Payouts {
        leptos::prelude::expect_context()
    }

    pub fn file(id: &str) -> Result<PayoutFileId, Failure> {
        id.parse().map_err(|_| Failure(Fault::not_found("There is no such payment file.")))
    }

    pub fn format(word: &str) -> Result<Format, Failure> {
        Format::parse(word).ok_or_else(|| Failure(Fault::field("format", "Choose one of these files.")))
    }
}

/// Makes the file for what is usually paid by one format.
#[server(prefix = "/do", endpoint = "make_payout")]
pub async fn make_payout(
    batch: String,
    usual: String,
    format: String,
    #[server(default)] pay_on: String,
) -> Result<(), Failure> {
    use domain::Fault;

    let act = crate::visit::act()?;
    let id = batch.parse().map_err(|_| Failure(Fault::not_found("There is no such batch.")))?;
    let (usual, format) = (server::format(&usual)?, server::format(&format)?);
    let file = server::payouts().make(&act, id, usual, format, &pay_on).await?;
    crate::visit::done(&format!("/pay/files/{}", file.id), "The file is made. Its payments count as sent.");
    Ok(())
}

/// Nothing of it was sent to anybody.
#[server(prefix = "/do", endpoint = "withdraw_payout")]
pub async fn withdraw_payout(file: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let file = server::payouts().withdraw(&act, server::file(&file)?).await?;
    let word = "The file is withdrawn. Its payments can be sent by another one.";
    crate::visit::done(&format!("/pay/{}", file.batch_id), word);
    Ok(())
}

/// Everything of it that nobody has said anything about was paid.
#[server(prefix = "/do", endpoint = "payout_paid")]
pub async fn payout_paid(file: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let id = server::file(&file)?;
    let count = server::payouts().all_paid(&act, id).await?;
    let word =
        if count == 1 { "One payment is paid.".to_owned() } else { format!("{count} payments are paid.") };
    crate::visit::done(&format!("/pay/files/{id}"), &word);
    Ok(())
}

/// Says what has become of one transfer.
#[server(prefix = "/do", endpoint = "settle_transfer")]
pub async fn settle_transfer(
    transfer: String,
    #[server(flatten)] outcome: OutcomeDraft,
) -> Result<(), Failure> {
    use domain::Fault;

    let act = crate::visit::act()?;
    let id = transfer.parse().map_err(|_| Failure(Fault::not_found("There is no such payment.")))?;
    let file = server::payouts().settle(&act, id, &outcome).await?;
    let page = file.map_or_else(|| "/pay".to_owned(), |file| format!("/pay/files/{file}"));
    crate::visit::done(&page, "It is noted.");
    Ok(())
}

/// Takes in what a bank or service says became of payments.
#[server(prefix = "/do", endpoint = "take_report")]
pub async fn take_report(
    #[server(default)] report: String,
    #[server(default)] file: String,
) -> Result<TakenView, Failure> {
    let act = crate::visit::act()?;
    let text = if file.trim().is_empty() { report } else { file };
    let taken = server::payouts().report(&act, &text).await?;
    let view = |it: engine::payout::Change| ChangeView {
        payment: it.now.payment_id.to_string(),
        person: it.now.person_name.to_string(),
        reference: it.now.reference.to_string(),
        amount: domain::money::Amount::new(it.now.minor, it.now.currency).to_string(),
        state: it.now.state,
        reason: it.now.reason,
    };
    Ok(TakenView {
        changed: taken.changed.into_iter().map(view).collect(),
        known: taken.known,
        pending: taken.pending,
    })
}

/// Has a payment that nothing pays be sent to where its person is paid to now.
#[server(prefix = "/do", endpoint = "pay_again")]
pub async fn pay_again(payment: String) -> Result<(), Failure> {
    use domain::Fault;

    let act = crate::visit::act()?;
    let id = payment.parse().map_err(|_| Failure(Fault::not_found("There is no such payment.")))?;
    let batch = server::payouts().again(&act, id).await?;
    crate::visit::done(&format!("/pay/{batch}"), "It is ready to be sent with the next file.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "set_payer")]
pub async fn set_payer(version: i64, #[server(flatten)] payer: PayerDraft) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    server::payouts().set_payer(&act, version, &payer).await?;
    crate::visit::done("/pay/payer", "Kept. Payment files are made with it from now on.");
    Ok(())
}

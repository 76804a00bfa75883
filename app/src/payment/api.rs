//! What can be done about payments.

use domain::payment::ThresholdsDraft;
use leptos::prelude::*;

use crate::Failure;

#[cfg(feature = "ssr")]
mod server {
    use domain::Fault;
    use domain::ids::{BatchId, PaymentId};
    use domain::payment::FindingKind;
    use engine::payment::Payments;

    use crate::Failure;

    pub fn payments() -> Payments {
        leptos::prelude::expect_context()
    }

    pub fn batch(id: &str) -> Result<BatchId, Failure> {
        id.parse().map_err(|_| Failure(Fault::not_found("There is no such batch.")))
    }

    pub fn payment(id: &str) -> Result<PaymentId, Failure> {
        id.parse().map_err(|_| Failure(Fault::not_found("There is no such payment.")))
    }

    /// `late One line is of …`: what was read, kind by kind.
    pub fn said(lines: &[String]) -> Result<Vec<(FindingKind, String)>, Failure> {
        let one = |line: &String| {
            let (kind, sentence) = line.split_once(' ')?;
            Some((FindingKind::parse(kind)?, sentence.to_owned()))
        };
        let unknown = || Failure(Fault::invalid("This is nothing that can be accepted. Reload the page."));
        lines.iter().map(one).collect::<Option<_>>().ok_or_else(unknown)
    }
}

/// Approves a batch as it was shown.
#[server(prefix = "/do", endpoint = "approve_batch")]
pub async fn approve_batch(batch: String, digest: String, version: i64) -> Result<(), Failure> {
    use engine::payment::Outcome;

    // The version says what to show if it is another one by now.
    let _ = version;
    let id = server::batch(&batch)?;
    let outcome = server::payments().approve(&crate::visit::act()?, id, &digest).await?;
    let word = match outcome {
        Outcome::Approved => "The batch is approved. From now on nothing of it changes.",
        Outcome::NeedsAnother => "Your approval is noted. Somebody else has to approve it, too.",
    };
    crate::visit::done(&format!("/pay/{batch}"), word);
    Ok(())
}

/// Accepts what was found about somebody.
#[server(prefix = "/do", endpoint = "accept_findings")]
pub async fn accept_findings(
    batch: String,
    subject: String,
    #[server(default)] said: Vec<String>,
    #[server(default)] reason: String,
) -> Result<(), Failure> {
    let unknown = |_| Failure(domain::Fault::not_found("There is nobody like that in this batch."));
    let subject: domain::ids::SubjectId = subject.parse().map_err(unknown)?;
    let (id, said) = (server::batch(&batch)?, server::said(&said)?);
    server::payments().accept(&crate::visit::act()?, id, subject, &said, &reason).await?;
    crate::visit::done(&format!("/pay/{batch}"), "Accepted.");
    Ok(())
}

/// Pays somebody with the next batch and not with this one.
#[server(prefix = "/do", endpoint = "hold_payment")]
pub async fn hold_payment(payment: String, #[server(default)] reason: String) -> Result<(), Failure> {
    let id = server::payment(&payment)?;
    let batch = server::payments().hold(&crate::visit::act()?, id, &reason).await?;
    crate::visit::done(&format!("/pay/{batch}"), "Held: it is paid with the next batch.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "let_payment_go")]
pub async fn let_payment_go(payment: String) -> Result<(), Failure> {
    let id = server::payment(&payment)?;
    let batch = server::payments().let_go(&crate::visit::act()?, id).await?;
    crate::visit::done(&format!("/pay/{batch}"), "It is paid with this batch again.");
    Ok(())
}

/// Asks those whose work for a batch may be missing for it.
#[server(prefix = "/do", endpoint = "remind_missing")]
pub async fn remind_missing(batch: String) -> Result<(), Failure> {
    let id = server::batch(&batch)?;
    let count = server::payments().remind(&crate::visit::act()?, id).await?;
    let word = match count {
        1 => "One person is reminded.".to_owned(),
        n => format!("{n} people are reminded."),
    };
    crate::visit::done(&format!("/pay/{batch}"), &word);
    Ok(())
}

/// Gives a line of a payment back to whoever entered it.
#[server(prefix = "/do", endpoint = "return_paid_line")]
pub async fn return_paid_line(
    payment: String,
    line: String,
    #[server(default)] why: String,
) -> Result<(), Failure> {
    let id = server::payment(&payment)?;
    let gone = |_| Failure(domain::Fault::not_found("There is no such line."));
    let act = crate::visit::act()?;
    let slip = server::payments().slip(&act, id).await?;
    let timesheets = expect_context::<engine::timesheet::Timesheets>();
    timesheets.return_line(&act, line.parse().map_err(gone)?, &why).await?;
    // The payment may be gone with its only line.
    crate::visit::done(
        &format!("/pay/{}", slip.batch.id),
        "The line is returned. Its person sees why; it is in the batch again when it was submitted again.",
    );
    Ok(())
}

/// Takes a line back that was approved.
#[server(prefix = "/do", endpoint = "take_line_back")]
pub async fn take_line_back(
    payment: String,
    line: String,
    #[server(default)] why: String,
) -> Result<(), Failure> {
    let gone = |_| Failure(domain::Fault::not_found("There is no such line."));
    server::payments().reverse(&crate::visit::act()?, line.parse().map_err(gone)?, &why).await?;
    crate::visit::done(
        &format!("/payments/{payment}"),
        "The line is taken back: the next payment makes up for it, and the work can be entered once more.",
    );
    Ok(())
}

#[server(prefix = "/do", endpoint = "set_thresholds")]
pub async fn set_thresholds(
    version: i64,
    #[server(flatten)] thresholds: ThresholdsDraft,
) -> Result<(), Failure> {
    server::payments().set_thresholds(&crate::visit::act()?, version, &thresholds).await?;
    crate::visit::done("/pay/thresholds", "Kept. Every open batch is looked through again.");
    Ok(())
}

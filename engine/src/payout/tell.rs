//! Telling those who are paid: that it is on its way, and that it did not arrive.

use chrono::NaiveDate;
use domain::Currency;
use domain::money::Amount;
use domain::notice::NoticeKind;
use domain::payout::TransferState;
use domain::period::Period;

use super::store::transfer::{Transfer, Waiting};
use crate::Error;
use crate::act::Act;
use crate::db::Tx;
use crate::notice::{self, New};

/// These stand in a file from now on.
pub(super) async fn sent(
    tx: &mut Tx,
    act: &Act,
    sent: &[Waiting],
    (currency, period, pay_on): (&Currency, Period, NaiveDate),
) -> Result<(), Error> {
    let new = sent.iter().map(|it| New {
        person: it.person_id,
        kind: NoticeKind::PaymentSent,
        about: it.id.to_string(),
        sentence: format!(
            "{} for {period} is on its way to {}. It is to be carried out on {}.",
            Amount::new(it.minor, currency.clone()),
            it.shown,
            pay_on.format("%A, %-d %B")
        ),
        path: format!("/payments/{}", it.payment_id),
    });
    notice::tell(tx, act, new.collect()).await
}

/// This has become of these. Whoever is paid sees it under their pay; they are told what did not arrive.
pub(super) async fn settled<'a>(
    tx: &mut Tx,
    act: &Act,
    settled: impl Iterator<Item = (&'a Transfer, TransferState, Option<&'a str>)>,
) -> Result<(), Error> {
    let new = settled.filter(|it| matches!(it.1, TransferState::Failed | TransferState::Returned));
    let new = new.map(|(it, state, reason)| New {
        person: it.person_id,
        kind: NoticeKind::PaymentFailed,
        about: format!("{}:{}", it.id, state.word()),
        sentence: format!(
            "{} for {} did not arrive at {}: {} Look whether that is where you want to be paid; it will be sent again.",
            Amount::new(it.minor, it.currency.clone()),
            it.paid.period(),
            it.shown,
            ended(reason.unwrap_or("no reason was given")),
        ),
        path: "/my-pay/account".to_owned(),
    });
    notice::tell(tx, act, new.collect()).await
}

/// These stand in a file that was not sent.
pub(super) async fn not_sent(tx: &mut Tx, act: &Act, transfers: &[Transfer]) -> Result<(), Error> {
    let abouts: Vec<_> = transfers.iter().map(|it| it.id.to_string()).collect();
    let unheard = notice::take_back(tx, NoticeKind::PaymentSent, &abouts).await?;
    let new = transfers.iter().filter(|it| !unheard.contains(&it.id.to_string())).map(|it| New {
        person: it.person_id,
        kind: NoticeKind::PaymentNotSent,
        about: it.id.to_string(),
        sentence: format!(
            "{} for {} was not sent after all. You are told when it is.",
            Amount::new(it.minor, it.currency.clone()),
            it.paid.period()
        ),
        path: format!("/payments/{}", it.payment_id),
    });
    notice::tell(tx, act, new.collect()).await
}

/// A sentence that ends as one.
fn ended(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

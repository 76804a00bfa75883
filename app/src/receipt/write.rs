//! What a receipt says.

use domain::Fault;
use domain::money::WorkPrice;
use domain::payout::TransferState;
use engine::payment::{Explained, Slip};
use engine::payout::Transfer;
use engine::secret::to_hex;

use super::paper::{Ink, MARGIN, Paper, RIGHT, Style};
use crate::payment::{amount, hours, units};

const TITLE: Style = Style { size: 20.0, strong: true, ink: Ink::Black };
const HEAD: Style = Style { size: 8.0, strong: true, ink: Ink::Gray };
const BODY: Style = Style { size: 9.0, strong: false, ink: Ink::Black };
const STRONG: Style = Style { size: 9.0, strong: true, ink: Ink::Black };
const SMALL: Style = Style { size: 7.5, strong: false, ink: Ink::Gray };
const SUM: Style = Style { size: 11.0, strong: true, ink: Ink::Black };

/// Where columns begin, or end if they hold numbers.
const WORK: f32 = MARGIN + 74.0;
const HOURS: f32 = 318.0;
const UNITS: f32 = 364.0;
const RATE: f32 = 458.0;

/// What it is made of.
pub struct Receipt<'a> {
    pub slip: &'a Slip,
    /// The latest first.
    pub transfers: &'a [Transfer],
    /// Who pays, if somebody has said so.
    pub payer: Option<&'a str>,
}

pub fn write(receipt: &Receipt<'_>) -> Result<Vec<u8>, Fault> {
    let slip = receipt.slip;
    let mut paper = Paper::new()?;
    head(&mut paper, receipt);
    titles(&mut paper);
    for line in &slip.lines {
        row(&mut paper, slip, line);
    }
    sums(&mut paper, slip);
    ways(&mut paper, receipt);
    let title = format!("Receipt, {}, {}", slip.payment.person_name, slip.batch.period());
    let payment = format!("Payment {}", slip.payment.id);
    let lines = format!("SHA-256 of its lines {}", to_hex(&slip.payment.digest));
    paper.done(title, [&payment, &lines])
}

fn head(paper: &mut Paper, receipt: &Receipt<'_>) {
    let slip = receipt.slip;
    paper.y += 16.0;
    paper.text(MARGIN, TITLE, "Receipt");
    paper.text_to(RIGHT, TITLE, &amount(slip.payment.pay_minor, &slip.batch.currency));
    paper.y += 26.0;
    let approved = slip.batch.approved_at.map(|at| at.format("%-d %B %Y").to_string()).unwrap_or_default();
    let paid = receipt.transfers.first().filter(|it| it.state == TransferState::Paid);
    let paid = match paid {
        Some(it) => it.state_at.format("%-d %B %Y").to_string(),
        None => format!("expected {}", slip.batch.pay_on.format("%-d %B %Y")),
    };
    let account = receipt.transfers.first().map(|it| it.shown.clone());
    let account = account.or_else(|| slip.paid_to.as_ref().map(|it| it.shown.clone()));
    let facts = [
        ("Paid to", slip.payment.person_name.to_string()),
        ("Account", account.unwrap_or_default()),
        ("Paid by", receipt.payer.unwrap_or_default().to_owned()),
        ("For", slip.batch.period().to_string()),
        ("Approved", approved),
        ("Paid", paid),
    ];
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        paper.text(MARGIN, SMALL, name);
        for line in paper.lines(BODY, &value, RIGHT - WORK) {
            paper.text(WORK, BODY, &line);
            paper.y += 14.0;
        }
    }
    paper.y += 14.0;
}

fn titles(paper: &mut Paper) {
    paper.text(MARGIN, HEAD, "Day");
    paper.text(WORK, HEAD, "Work");
    paper.text_to(HOURS, HEAD, "Hours");
    paper.text_to(UNITS, HEAD, "Units");
    paper.text_to(RATE, HEAD, "Rate");
    paper.text_to(RIGHT, HEAD, "Amount");
    paper.y += 6.0;
    paper.rule(true);
    paper.y += 14.0;
}

fn row(paper: &mut Paper, slip: &Slip, it: &Explained) {
    let price = |price: Option<WorkPrice>, per: &str| price.map(|price| format!("{price} {per}"));
    let unit = it.unit.as_ref().map_or_else(|| "a unit".to_owned(), |unit| format!("a {unit}"));
    let rates: Vec<_> =
        [price(it.hour_price, "an hour"), price(it.unit_price, &unit)].into_iter().flatten().collect();
    let mut work = paper.lines(BODY, it.task_name.as_str(), HOURS - WORK - 40.0);
    let named = work.len();
    work.extend(paper.lines(SMALL, &said(it), HOURS - WORK - 40.0));
    // What belongs together stays on one page.
    let height = 12.0 * count(work.len().max(rates.len())) + 6.0;
    if !paper.fits(height) {
        paper.turn_over();
        paper.y += 8.0;
        titles(paper);
    }
    let top = paper.y;
    paper.text(MARGIN, BODY, &it.work_on.format("%-d %b %Y").to_string());
    paper.text_to(HOURS, BODY, &hours(it.minutes));
    paper.text_to(UNITS, BODY, &units(it.units));
    paper.text_to(RIGHT, BODY, &amount(it.minor, &slip.batch.currency));
    for (n, line) in work.iter().enumerate() {
        paper.text(WORK, if n < named { BODY } else { SMALL }, line);
        paper.y += 12.0;
    }
    paper.y = top;
    for rate in &rates {
        paper.text_to(RATE, BODY, rate);
        paper.y += 12.0;
    }
    paper.y = top + height - 12.0;
    paper.rule(false);
    paper.y += 12.0;
}

/// The project, the rate's day, and what was said about the line.
fn said(it: &Explained) -> String {
    let mut said = format!("{} · rate from {}", it.project_code, it.rate_from.format("%-d %b %Y"));
    for (words, text) in [("takes back", &it.takes_back), ("taken back later", &it.taken_back)] {
        if let Some(text) = text {
            said = format!("{said} · {words}: {text}");
        }
    }
    match &it.note {
        Some(note) => format!("{said} · {note}"),
        None => said,
    }
}

fn sums(paper: &mut Paper, slip: &Slip) {
    let payment = &slip.payment;
    let currency = &slip.batch.currency;
    if !paper.fits(60.0) {
        paper.turn_over();
        paper.y += 8.0;
    }
    paper.y += 4.0;
    let lines = if payment.lines == 1 { "1 line".to_owned() } else { format!("{} lines", payment.lines) };
    paper.text(MARGIN, STRONG, "Total");
    paper.text(WORK, BODY, &lines);
    paper.text_to(HOURS, BODY, &hours(payment.minutes));
    paper.text_to(UNITS, BODY, &units(payment.units));
    paper.text_to(RIGHT, STRONG, &amount(payment.minor, currency));
    paper.y += 16.0;
    if payment.carried_minor != 0 {
        paper.text(MARGIN, BODY, "Owed from before");
        paper.text_to(RIGHT, BODY, &amount(payment.carried_minor, currency));
        paper.y += 16.0;
    }
    paper.text(MARGIN, SUM, "Paid");
    paper.text_to(RIGHT, SUM, &amount(payment.pay_minor, currency));
    paper.y += 24.0;
}

/// How it was sent; it may have taken more than one try.
fn ways(paper: &mut Paper, receipt: &Receipt<'_>) {
    for it in receipt.transfers.iter().filter(|it| it.state != TransferState::Ready) {
        let reason = it.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let state = it.state.label().to_lowercase();
        let day = it.state_at.format("%-d %B %Y");
        let words = format!("{} to {}, {state} {day}{reason}", it.reference, it.shown);
        for line in paper.lines(SMALL, &words, RIGHT - MARGIN) {
            if !paper.fits(12.0) {
                paper.turn_over();
                paper.y += 8.0;
            }
            paper.text(MARGIN, SMALL, &line);
            paper.y += 11.0;
        }
    }
}

/// How many lines those are, in points.
fn count(lines: usize) -> f32 {
    f32::from(u16::try_from(lines).unwrap_or(u16::MAX))
}

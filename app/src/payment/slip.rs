//! One payment, from line to rate to sum.

use domain::Fault;
use domain::ids::PaymentId;
use domain::payout::TransferState;
use domain::people::Permission;
use engine::Error;
use engine::act::Act;
use engine::dispute::{Dispute, Disputes};
use engine::payment::{Explained, Payments, Slip};
use engine::payout::{Payouts, Transfer};
use leptos::prelude::*;

use super::parts::{amount, counted, hours, state, units};
use crate::dispute::about_line;
use crate::project::frame::param;
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, FormState, Heading, banner, date, empty, icon, in_app, load, on_day, table, tag};
use crate::visit;

const COLUMNS: [Column; 6] =
    [Text("Day"), Text("Work"), Number("Hours"), Number("Units"), Number("Rate"), Number("Amount")];

pub fn slip_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id: PaymentId = param("id").parse().map_err(|_| Fault::not_found("There is no such payment."))?;
    let slip = expect_context::<Payments>().slip(&act, id).await?;
    let transfers = expect_context::<Payouts>().of_payment(id).await?;
    let disputes = expect_context::<Disputes>().of_payment(id).await?;
    let own = act.person().is_ok_and(|me| me.id == slip.payment.person_id);
    let staff = act.may(Permission::SeePay);
    let title = if own { "Your pay".to_owned() } else { slip.payment.person_name.to_string() };
    let batch = staff.then(|| {
        let href = format!("/pay/{}", slip.batch.id);
        view! { " · " <a href=href>"the whole batch"</a> }
    });
    let heading = Heading {
        title,
        beside: Some(state(&slip.batch)),
        sub: Some(view! { {slip.batch.period().to_string()} {batch} }.into_any()),
        above: Some(if own { ("My pay", "/my-pay") } else { ("Pay", "/pay") }),
        actions: receipt(&slip).map(IntoAny::into_any),
        ..Heading::default()
    };
    let lines = if slip.lines.is_empty() {
        let words = match slip.payment.held_for {
            Some(_) => "It was held: its lines are paid with the next batch.",
            None => "None of its lines can be paid yet.",
        };
        empty("receipt", "No lines", words, ()).into_any()
    } else {
        sheet(&act, &slip, &disputes).into_any()
    };
    let content = view! {
        {way(&slip, &transfers)}
        {goes_to(&slip, own)}
        {transfers_of(&transfers)}
        {notes(&slip)}
        {lines}
    };
    Ok(in_app(heading, content))
}

/// The same on paper, once it is approved.
fn receipt(slip: &Slip) -> Option<impl IntoView + use<>> {
    let is_final = !slip.batch.is_open() && slip.payment.held_for.is_none();
    let href = format!("/payments/{}/receipt.pdf", slip.payment.id);
    is_final.then(|| {
        view! { <a class="button" href=href download="" data-no-prefetch="">{icon("receipt")}"Receipt (PDF)"</a> }
    })
}

/// How far it has come, and when the money is expected.
pub fn way(slip: &Slip, transfers: &[Transfer]) -> impl IntoView + use<> {
    let approved = !slip.batch.is_open();
    let last = transfers.first().map(|it| it.state);
    let sent = matches!(last, Some(TransferState::Sent | TransferState::Paid));
    let paid = transfers.first().filter(|it| it.state == TransferState::Paid);
    let step = |done: bool, current: bool, words: AnyView| {
        view! { <li class:done=done aria-current=current.then_some("step")>{words}</li> }
    };
    let pay_on = slip.batch.pay_on;
    let last_step = match paid {
        Some(it) => view! { <span>"Paid, "{date(it.state_at)}</span> }.into_any(),
        None => view! { <span>"Paid, expected "{on_day(pay_on)}</span> }.into_any(),
    };
    view! {
        <ol class="steps" aria-label="How far it has come">
            {step(true, false, "Submitted".into_any())}
            {step(approved, !approved, "In a batch".into_any())}
            {step(sent, approved && !sent, "Approved".into_any())}
            {step(paid.is_some(), sent && paid.is_none(), "Sent".into_any())}
            {step(paid.is_some(), false, last_step)}
        </ol>
    }
}

/// What has become of it since it was approved, the latest first: it may have taken more than one try.
fn transfers_of(transfers: &[Transfer]) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = transfers
        .iter()
        .map(|it| {
            let reason = it.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            view! {
                <li><span class="mono">{it.reference.to_string()}</span>" to "<span class="mono">{it.shown.clone()}</span>", "{it.state.label().to_lowercase()}" "{date(it.state_at)}{reason}</li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <ul class="transfers muted" aria-label="Transfers">{rows}</ul> })
}

/// Which account it goes to, or that there is none.
fn goes_to(slip: &Slip, own: bool) -> Option<AnyView> {
    if slip.payment.held_for.is_some() || slip.payment.pay_minor == 0 {
        return None;
    }
    let page =
        if own { "/my-pay/account".to_owned() } else { format!("/pay/accounts/{}", slip.payment.person_id) };
    let takes = slip.paid_to.as_ref().is_some_and(|to| to.method.takes(&slip.batch.currency));
    let words = match &slip.paid_to {
        Some(to) if takes => {
            let words = if slip.batch.is_open() { "Goes to " } else { "Was approved to go to " };
            return Some(
                view! { <p class="muted">{words}<span class="mono">{to.shown.clone()}</span></p> }.into_any(),
            );
        }
        Some(to) => format!("{} takes no {}. ", to.shown, slip.batch.currency),
        None => "There is no account that this can go to. ".to_owned(),
    };
    let link = own || slip.batch.is_open();
    let link = link.then(
        || view! { <a href=page>{if own { "Enter an account" } else { "Look at their accounts" }}</a>"." },
    );
    Some(banner("warn", view! { {words}{link} }).into_any())
}

fn notes(slip: &Slip) -> impl IntoView + use<> {
    let held = slip.payment.held_for.clone().map(|reason| {
        banner("warn", view! { <strong>"Held: it is paid with the next batch."</strong>" "{reason} })
    });
    let unpaid = (slip.marks.unpaid_lines > 0).then(|| {
        let words = counted(slip.marks.unpaid_lines, "line has", "lines have");
        banner("warn", format!("{words} no rate yet, and so cannot be paid. A manager is told."))
    });
    let found: Vec<_> = slip
        .found
        .iter()
        .map(|it| {
            let accepted = it.accepted_for.clone().map(|reason| {
                view! { <p class="sub">"Accepted"{it.accepted_by.as_ref().map(|name| format!(" by {name}"))}": "{reason}</p> }
            });
            view! { <li>{tag("warn", it.kind.label())}<p>{it.sentence.clone()}</p>{accepted}</li> }
        })
        .collect();
    let found = (!found.is_empty()).then(|| view! { <ul class="evidence card-body card">{found}</ul> });
    view! { {held} {unpaid} {found} }
}

/// What somebody who may can do about a line.
#[derive(Clone, Copy)]
enum Remedy {
    /// It is not approved: whoever entered it gets it back.
    Return,
    /// It is: it is made up for by the next payment.
    TakeBack,
}

impl Remedy {
    fn of(act: &Act, slip: &Slip) -> Option<Self> {
        let own = act.person().is_ok_and(|me| me.id == slip.payment.person_id);
        if slip.batch.is_open() {
            act.may(Permission::EditTimesheets).then_some(Self::Return)
        } else {
            (act.may(Permission::ApprovePay) && !own).then_some(Self::TakeBack)
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Return => "return_paid_line",
            Self::TakeBack => "take_line_back",
        }
    }

    /// What opens it, what the reason is about, and what does it.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Return => ("Return", "What is to be done about it", "Return it"),
            Self::TakeBack => ("Take back", "Why it was wrong", "Take it back"),
        }
    }
}

fn sheet(act: &Act, slip: &Slip, disputes: &[Dispute]) -> impl IntoView + use<> {
    let payment = &slip.payment;
    let currency = &slip.batch.currency;
    let remedy = Remedy::of(act, slip);
    let own = act.person().is_ok_and(|me| me.id == slip.payment.person_id);
    let mut rows: Vec<_> = slip
        .lines
        .iter()
        .map(|it| row(slip, it, remedy, about_line(it.line_id, own && it.takes_back.is_none(), disputes)))
        .collect();
    let sum = |words: &'static str, minor: i64, what: String, minutes: i64, count: i64| {
        view! {
            <tr class="total">
                <th scope="row">{words}</th>
                <td data-label="Work">{what}</td>
                <td data-label="Hours" class="num">{hours(minutes)}</td>
                <td data-label="Units" class="num">{units(count)}</td>
                <td data-label="Rate" class="num"></td>
                <td data-label="Amount" class="num strong">{amount(minor, currency)}</td>
            </tr>
        }
        .into_any()
    };
    let lines = counted(payment.lines, "line", "lines");
    rows.push(sum("Total", payment.minor, lines, payment.minutes, payment.units));
    if payment.carried_minor != 0 {
        rows.push(sum("Owed from before", payment.carried_minor, String::new(), 0, 0));
    }
    if payment.pay_minor != payment.minor {
        rows.push(sum("Paid", payment.pay_minor, String::new(), 0, 0));
    }
    table("table slip", "Lines, by day", &COLUMNS, rows)
}

fn row(slip: &Slip, it: &Explained, remedy: Option<Remedy>, disputed: AnyView) -> AnyView {
    let price = |price: Option<domain::money::WorkPrice>, per: String| {
        price.map(|price| view! { <span class="line">{format!("{price} {per}")}</span> })
    };
    let unit = it.unit.as_ref().map_or_else(|| "a unit".to_owned(), |unit| format!("a {unit}"));
    let written = it.rate_author.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
    let since = view! { <span class="sub">"from "{on_day(it.rate_from)}", written "{date(it.rate_written_at)}{written}</span> };
    let times = it.stints.as_ref().map(|stints| view! { <span class="sub">{stints.to_string()}</span> });
    let note = it.note.as_ref().map(|note| view! { <span class="sub">{note.to_string()}</span> });
    let back = it
        .takes_back
        .clone()
        .map(|why| view! { <span class="sub">{tag("neutral", "Taken back")}" "{why}</span> });
    let gone = it
        .taken_back
        .clone()
        .map(|why| view! { <span class="sub">{tag("warn", "Taken back later")}" "{why}</span> });
    // What takes something back, or was taken back, stays as it is.
    let remedy = remedy.filter(|_| it.takes_back.is_none() && it.taken_back.is_none());
    let remedy = remedy.map(|remedy| put_right(slip, it, remedy));
    view! {
        <tr>
            <th scope="row">{on_day(it.work_on)}<span class="sub">{it.work_on.format("%A").to_string()}</span></th>
            <td data-label="Work"><span><span class="strong">{it.task_name.to_string()}</span><span class="sub">{it.project_code.to_string()}</span>{times}{note}{back}{gone}{disputed}{remedy}</span></td>
            <td data-label="Hours" class="num">{hours(it.minutes)}</td>
            <td data-label="Units" class="num">{units(it.units)}</td>
            <td data-label="Rate" class="num"><span>{price(it.hour_price, "an hour".to_owned())}{price(it.unit_price, unit)}{since}</span></td>
            <td data-label="Amount" class="num">{amount(it.minor, &slip.batch.currency)}</td>
        </tr>
    }
    .into_any()
}

fn put_right(slip: &Slip, it: &Explained, remedy: Remedy) -> impl IntoView + use<> {
    let refused = FormState::of(remedy.action());
    let is_it = refused.fault().is_some() && refused.value("line", "") == it.line_id.to_string();
    let id = format!("why-{}", it.line_id);
    let error = is_it.then(|| refused.error("why").or_else(|| refused.error("reason"))).flatten();
    let (opens, about, does) = remedy.words();
    view! {
        <details class="return" open=is_it>
            <summary>{opens}</summary>
            <form class="decide" method="post" action=format!("/do/{}", remedy.action())>
                <input type="hidden" name="_from" value=visit::here() />
                <input type="hidden" name="payment" value=slip.payment.id.to_string() />
                <input type="hidden" name="line" value=it.line_id.to_string() />
                <div class="field">
                    <label class="sr-only" for=id.clone()>{about}</label>
                    <input class="input" id=id name="why" maxlength="500" required="" autocomplete="off" placeholder=about />
                    {error.map(|error| view! { <p class="field-error">{icon("circle-alert")}<span>{error}</span></p> })}
                </div>
                <button class="button small">{does}</button>
            </form>
        </details>
    }
}

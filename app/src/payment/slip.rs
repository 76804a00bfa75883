//! One payment, from line to rate to sum.

use domain::Fault;
use domain::ids::PaymentId;
use domain::people::Permission;
use domain::timesheet::LineState;
use engine::Error;
use engine::act::Act;
use engine::payment::{Explained, Payments, Slip};
use leptos::prelude::*;

use super::parts::{amount, counted, hours, state, units};
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
        ..Heading::default()
    };
    let lines = if slip.lines.is_empty() {
        let words = match slip.payment.held_for {
            Some(_) => "It was held: its lines are paid with the next batch.",
            None => "None of its lines can be paid yet.",
        };
        empty("receipt", "No lines", words, ()).into_any()
    } else {
        sheet(&act, &slip, staff).into_any()
    };
    let content = view! {
        {way(&slip)}
        {notes(&slip)}
        {lines}
    };
    Ok(in_app(heading, content))
}

/// How far it has come, and when the money is expected.
pub fn way(slip: &Slip) -> impl IntoView + use<> {
    let approved = !slip.batch.is_open();
    let step = |done: bool, current: bool, words: AnyView| {
        view! { <li class:done=done aria-current=current.then_some("step")>{words}</li> }
    };
    let pay_on = slip.batch.pay_on;
    view! {
        <ol class="steps" aria-label="How far it has come">
            {step(true, false, "Submitted".into_any())}
            {step(approved, !approved, "In a batch".into_any())}
            {step(false, approved, "Approved".into_any())}
            {step(false, false, view! { <span>"Paid, expected "{on_day(pay_on)}</span> }.into_any())}
        </ol>
    }
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

fn sheet(act: &Act, slip: &Slip, staff: bool) -> impl IntoView + use<> {
    let payment = &slip.payment;
    let may_return = staff && slip.batch.is_open() && act.may(Permission::EditTimesheets);
    let refused = FormState::of("return_paid_line");
    let mut rows: Vec<_> = slip.lines.iter().map(|it| row(slip, it, may_return, &refused)).collect();
    let total = view! {
        <tr class="total">
            <th scope="row">"Total"</th>
            <td data-label="Work">{counted(payment.lines, "line", "lines")}</td>
            <td data-label="Hours" class="num">{hours(payment.minutes)}</td>
            <td data-label="Units" class="num">{units(payment.units)}</td>
            <td data-label="Rate" class="num"></td>
            <td data-label="Amount" class="num strong">{amount(payment.minor, &slip.batch.currency)}</td>
        </tr>
    };
    rows.push(total.into_any());
    table("table slip", "Lines, by day", &COLUMNS, rows)
}

fn row(slip: &Slip, it: &Explained, may_return: bool, refused: &FormState) -> AnyView {
    let price = |price: Option<domain::money::WorkPrice>, per: String| {
        price.map(|price| view! { <span class="line">{format!("{price} {per}")}</span> })
    };
    let unit = it.unit.as_ref().map_or_else(|| "a unit".to_owned(), |unit| format!("a {unit}"));
    let written = it.rate_author.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
    let since = view! { <span class="sub">"from "{on_day(it.rate_from)}", written "{date(it.rate_written_at)}{written}</span> };
    let note = it.note.as_ref().map(|note| view! { <span class="sub">{note.to_string()}</span> });
    let give_back = (may_return && it.state == LineState::Submitted).then(|| {
        let is_it = refused.fault().is_some() && refused.value("line", "") == it.line_id.to_string();
        let id = format!("why-{}", it.line_id);
        let error = is_it.then(|| refused.error("why")).flatten();
        view! {
            <details class="return" open=is_it>
                <summary>"Return"</summary>
                <form class="decide" method="post" action="/do/return_paid_line">
                    <input type="hidden" name="_from" value=visit::here() />
                    <input type="hidden" name="payment" value=slip.payment.id.to_string() />
                    <input type="hidden" name="line" value=it.line_id.to_string() />
                    <div class="field">
                        <label class="sr-only" for=id.clone()>"What is to be done about it"</label>
                        <input class="input" id=id name="why" maxlength="500" required="" autocomplete="off" placeholder="What is to be done about it" />
                        {error.map(|error| view! { <p class="field-error">{icon("circle-alert")}<span>{error}</span></p> })}
                    </div>
                    <button class="button small">"Return it"</button>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <th scope="row">{on_day(it.work_on)}<span class="sub">{it.work_on.format("%A").to_string()}</span></th>
            <td data-label="Work"><span><span class="strong">{it.task_name.to_string()}</span><span class="sub">{it.project_code.to_string()}</span>{note}{give_back}</span></td>
            <td data-label="Hours" class="num">{hours(it.minutes)}</td>
            <td data-label="Units" class="num">{units(it.units)}</td>
            <td data-label="Rate" class="num"><span>{price(it.hour_price, "an hour".to_owned())}{price(it.unit_price, unit)}{since}</span></td>
            <td data-label="Amount" class="num">{amount(it.minor, &slip.batch.currency)}</td>
        </tr>
    }
    .into_any()
}

//! How a batch that was approved is paid: a part of its page.

use chrono::NaiveDate;
use domain::payout::{Format, TransferState};
use domain::people::Permission;
use engine::act::Act;
use engine::payment::Batch;
use engine::payout::{Group, Paying, PayoutFile, Stuck};
use leptos::prelude::*;

use crate::payment::{amount, counted};
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, FormState, banner, button_form, date, icon, on_day, table, tag};
use crate::visit;

const FILES: [Column; 5] =
    [Text("File"), Number("Payments"), Number("Amount"), Text("Carried out"), Text("State")];

pub fn section(act: &Act, batch: &Batch, paying: &Paying) -> Option<impl IntoView + use<>> {
    if batch.is_open() {
        return None;
    }
    let may = act.may(Permission::SendPay);
    let stuck = (!paying.stuck.is_empty()).then(|| stuck(act, batch, &paying.stuck, may));
    let groups: Vec<_> = paying.groups.iter().map(|it| group(act, batch, it, may)).collect();
    let groups = (!groups.is_empty()).then(|| view! { <ul class="payouts">{groups}</ul> });
    let rows: Vec<_> = paying.files.iter().map(file_row).collect();
    let files = (!rows.is_empty()).then(|| table("table", "Payment files, the latest first", &FILES, rows));
    let proof = may.then(|| {
        let href = format!("/pay/{}/bundle", batch.id);
        view! {
            <div class="payout-proof">
                <p class="muted">"The bundle is all of it in one file: what was approved, line by line, by whom, the payment files and what the log says. "<code>"countersign payment verify"</code>" checks it anywhere."</p>
                <a class="button" href=href download="" data-no-prefetch="">{icon("download")}"The bundle"</a>
            </div>
        }
    });
    Some(view! {
        <section class="section" aria-labelledby="paying">
            <h2 id="paying">"Paying"</h2>
            <p class="muted">{summary(paying)}</p>
            {groups}
            {files}
            {proof}
        </section>
        {stuck}
    })
}

/// `12 to be sent, 30 sent, 214 paid, 2 did not arrive`
fn summary(paying: &Paying) -> String {
    let words = |state: TransferState| state.label().to_lowercase();
    let mut parts: Vec<_> = [TransferState::Ready, TransferState::Sent, TransferState::Paid]
        .into_iter()
        .filter_map(|state| {
            let count = paying.counts.iter().find(|it| it.0 == state)?.1;
            Some(format!("{count} {}", words(state)))
        })
        .collect();
    if !paying.stuck.is_empty() {
        parts.push(format!("{} not on the way", paying.stuck.len()));
    }
    if parts.is_empty() { "Nothing of it has to be paid.".to_owned() } else { parts.join(", ") + "." }
}

/// What one file would pay.
fn group(act: &Act, batch: &Batch, it: &Group, may: bool) -> impl IntoView + use<> {
    let posted = FormState::of("make_payout");
    let is_it = posted.fault().is_some() && posted.value("usual", "") == it.usual.word();
    let error = is_it.then(|| posted.error("pay_on").or_else(|| posted.error("format"))).flatten();
    let wrong = is_it && error.is_none();
    let wrong = wrong.then(|| posted.fault().map(|fault| banner("bad", fault.message.clone()))).flatten();
    let chosen = if is_it { posted.value("format", "") } else { it.usual.word().to_owned() };
    let options: Vec<_> = it
        .usual
        .instead()
        .iter()
        .map(|format| {
            let word = format.word();
            view! { <option value=word selected=word == chosen>{format.label()}</option> }
        })
        .collect();
    let id = |name: &str| format!("{name}-{}", it.usual.word());
    let day = if is_it { posted.value("pay_on", "") } else { default_day(act, batch).to_string() };
    let make = may.then(|| {
        view! {
            <form class="decide" method="post" action="/do/make_payout">
                <input type="hidden" name="_from" value=visit::here() />
                <input type="hidden" name="batch" value=batch.id.to_string() />
                <input type="hidden" name="usual" value=it.usual.word() />
                <div class="field">
                    <label class="sr-only" for=id("format")>"File"</label>
                    <select class="input" id=id("format") name="format">{options}</select>
                </div>
                <div class="field">
                    <label class="sr-only" for=id("day")>"To be carried out on"</label>
                    <input class="input" id=id("day") name="pay_on" type="date" required="" value=day />
                    {error.map(|error| view! { <p class="field-error">{icon("circle-alert")}<span>{error}</span></p> })}
                </div>
                <button class="button primary">"Make the file"</button>
            </form>
        }
    });
    view! {
        <li class="card">
            <div class="payout-line">
                <p><strong>{what(it.usual)}</strong><span class="sub">{counted(it.transfers, "payment", "payments")}</span></p>
                <p class="strong num">{amount(it.minor, &batch.currency)}</p>
                {make}
            </div>
            {wrong}
        </li>
    }
}

/// Of the accounts that one file pays.
const fn what(usual: Format) -> &'static str {
    match usual {
        Format::Pain09 | Format::Pain03 => "Bank accounts in SEPA",
        Format::Nacha => "Bank accounts in the United States",
        Format::Wise => "Wise",
        Format::Paypal => "PayPal",
        Format::Csv => "By hand, from a list",
    }
}

/// The pay day or, if that is over, today; on a weekend no bank carries anything out.
fn default_day(act: &Act, batch: &Batch) -> NaiveDate {
    let today = act.person().map_or(act.at.date_naive(), |me| me.zone.local(act.at).date_naive());
    let mut day = batch.pay_on.max(today);
    while domain::timesheet::is_weekend(day) {
        day = day.succ_opt().unwrap_or(day);
    }
    day
}

fn file_row(it: &PayoutFile) -> impl IntoView + use<> {
    let made = it.made_by_name.as_ref().map(ToString::to_string).unwrap_or_default();
    view! {
        <tr>
            <th scope="row" class="payout-name"><a class="row-link" href=format!("/pay/files/{}", it.id)>{it.name.clone()}</a><span class="sub">"by "{made}", "{date(it.made_at)}</span></th>
            <td data-label="Payments" class="num">{it.transfers}</td>
            <td data-label="Amount" class="num strong">{amount(it.minor, &it.currency)}</td>
            <td data-label="Carried out">{on_day(it.pay_on)}</td>
            <td data-label="State">{file_state(it)}</td>
        </tr>
    }
}

pub fn file_state(it: &PayoutFile) -> AnyView {
    if it.withdrawn_at.is_some() {
        return tag("neutral", "Withdrawn").into_any();
    }
    match (it.failed, it.transfers - it.paid - it.failed) {
        (0, 0) => tag("ok", "Paid").into_any(),
        (0, _) => tag("info", "Sent").into_any(),
        (n, _) => view! { <span class="tag bad">{n}" did not arrive"</span> }.into_any(),
    }
}

/// What nothing pays: it has failed, has come back, or had nowhere to go.
fn stuck(act: &Act, batch: &Batch, stuck: &[Stuck], may: bool) -> impl IntoView + use<> {
    let me = act.person().ok().map(|me| me.id);
    let rows: Vec<_> = stuck
        .iter()
        .map(|it| {
            let why = match (&it.last_state, &it.reason) {
                (Some(state), reason) => {
                    let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                    format!("{}{reason}", state.label())
                }
                (None, _) => "Had nowhere to go when it was approved".to_owned(),
            };
            let takes = it.method.is_some_and(|method| method.takes(&batch.currency));
            let remedy = match &it.shown {
                None => view! { <span class="muted">"They have entered no account"</span> }.into_any(),
                Some(shown) if !takes => {
                    view! { <span class="muted">{format!("{shown} takes no {}", batch.currency)}</span> }.into_any()
                }
                Some(_) if !may || me == Some(it.person_id) || it.entered_by == me => {
                    view! { <span class="muted">"Somebody else has to send it"</span> }.into_any()
                }
                Some(shown) => {
                    let button = view! { <button class="button small">{format!("Pay it to {shown}")}</button> };
                    button_form("pay_again", vec![("payment", it.payment_id.to_string())], button)
                }
            };
            view! {
                <li>
                    <div class="grow">
                        <p class="title"><a href=format!("/payments/{}", it.payment_id)>{it.person_name.to_string()}</a>" "<span class="num">{amount(it.minor, &batch.currency)}</span></p>
                        <p class="sub">{why}</p>
                    </div>
                    {remedy}
                </li>
            }
        })
        .collect();
    view! {
        <section class="section" aria-labelledby="stuck">
            <h2 id="stuck">"Not on the way"</h2>
            <div class="card"><ul class="list stuck">{rows}</ul></div>
        </section>
    }
}

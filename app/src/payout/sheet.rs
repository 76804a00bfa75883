//! A payment file: what it pays, and what has become of that.

use domain::Fault;
use domain::ids::PayoutFileId;
use domain::payout::TransferState;
use domain::people::Permission;
use engine::Error;
use engine::payout::{Payouts, Sheet, Transfer};
use leptos::prelude::*;

use super::section::file_state;
use crate::payment::amount;
use crate::project::frame::param;
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, FormState, Heading, button_form, date, icon, in_app, load, on_day, table, tag};
use crate::visit;

const TRANSFERS: [Column; 5] =
    [Text("Person"), Text("Reference"), Text("Account"), Number("Amount"), Text("State")];

pub fn sheet_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id: PayoutFileId =
        param("id").parse().map_err(|_| Fault::not_found("There is no such payment file."))?;
    let sheet = expect_context::<Payouts>().sheet(&act, id).await?;
    let file = &sheet.file;
    let may = act.may(Permission::SendPay);
    let me = act.person().ok().map(|me| me.id);
    let href = format!("/pay/{}", file.batch_id);
    let made = file.made_by_name.as_ref().map(ToString::to_string).unwrap_or_default();
    let heading = Heading {
        title: file.name.clone(),
        beside: Some(file_state(file)),
        sub: Some(
            view! {
                {file.format.label()}", to be carried out on "{on_day(file.pay_on)}", made by "{made}" on "{date(file.made_at)}" · "<a href=href>"the batch"</a>
            }
            .into_any(),
        ),
        above: Some(("Pay", "/pay")),
        ..Heading::default()
    };
    let rows: Vec<_> =
        sheet.transfers.iter().map(|it| row(it, &sheet, may && me != Some(it.person_id))).collect();
    let content = view! {
        {verdict(&sheet, may)}
        {table("table slip", "Payments of this file, by name", &TRANSFERS, rows)}
        <p class="proof">"The file has the SHA-256 "<code>{engine::secret::to_hex(&file.digest)}</code></p>
    };
    Ok(in_app(heading, content))
}

fn verdict(sheet: &Sheet, may: bool) -> impl IntoView + use<> {
    let file = &sheet.file;
    let open = file.transfers - file.paid - file.failed;
    let is_withdrawn = file.withdrawn_at.is_some();
    let id = || vec![("file", file.id.to_string())];
    let fetch = (may && !is_withdrawn).then(|| {
        let href = format!("/pay/files/{}/download", file.id);
        view! { <a class="button" href=href download="" data-no-prefetch="">{icon("download")}"Download"</a> }
    });
    let paid = (may && open > 0 && !is_withdrawn).then(|| {
        let words = if open == file.transfers { "All were paid" } else { "The others were paid" };
        button_form(
            "payout_paid",
            id(),
            view! { <button class="button primary">{icon("check")}{words}</button> },
        )
    });
    let withdraw = (may && open == file.transfers && !is_withdrawn).then(|| {
        button_form(
            "withdraw_payout",
            id(),
            view! { <button class="button danger-quiet">{icon("ban")}"It was not sent"</button> },
        )
    });
    let failed = (file.failed > 0 && !is_withdrawn).then(|| {
        view! { <span class="figure warn"><strong>{file.failed}</strong>" did not arrive"</span> }
    });
    view! {
        <section class="verdict" aria-label="This file">
            <p class="figures">
                <span class="figure"><strong>{file.transfers}</strong>{if file.transfers == 1 { " payment" } else { " payments" }}</span>
                <span class="figure"><strong>{file.paid}</strong>" paid"</span>
                {failed}
                <span class="figure total"><strong>{amount(file.minor, &file.currency)}</strong></span>
            </p>
            <div class="step">{fetch}{paid}{withdraw}</div>
        </section>
    }
}

pub fn transfer_state(state: TransferState) -> impl IntoView {
    let tone = match state {
        TransferState::Ready => "neutral",
        TransferState::Sent => "info",
        TransferState::Paid => "ok",
        TransferState::Failed | TransferState::Returned => "bad",
    };
    tag(tone, state.label())
}

fn row(it: &Transfer, sheet: &Sheet, may: bool) -> impl IntoView + use<> {
    let state = transfer_state(it.state);
    let reason = it.reason.clone().map(|reason| view! { <span class="sub">{reason}</span> });
    let may = may && sheet.file.withdrawn_at.is_none();
    view! {
        <tr>
            <th scope="row"><a class="row-link truncate" href=format!("/payments/{}", it.payment_id)>{it.person_name.to_string()}</a></th>
            <td data-label="Reference"><span class="mono">{it.reference.to_string()}</span></td>
            <td data-label="Account"><span class="mono">{it.shown.clone()}</span></td>
            <td data-label="Amount" class="num">{amount(it.minor, &sheet.file.currency)}</td>
            <td data-label="State"><span>{state}{reason}{outcome(it, may)}</span></td>
        </tr>
    }
}

/// Saying what has become of one.
fn outcome(it: &Transfer, may: bool) -> Option<impl IntoView + use<>> {
    let next: Vec<_> = TransferState::ALL
        .iter()
        .copied()
        .filter(|next| it.state.may_become(*next) && *next != TransferState::Sent)
        .collect();
    if !may || next.is_empty() {
        return None;
    }
    let posted = FormState::of("settle_transfer");
    let is_it = posted.fault().is_some() && posted.value("transfer", "") == it.id.to_string();
    let error = is_it.then(|| posted.error("reason").or_else(|| posted.error("state"))).flatten();
    let id = |name: &str| format!("{name}-{}", it.reference);
    let chosen = if is_it { posted.value("state", "") } else { String::new() };
    let said = if is_it { posted.value("reason", "") } else { String::new() };
    let options: Vec<_> = next
        .into_iter()
        .map(|state| view! { <option value=state.word() selected=state.word() == chosen>{state.label()}</option> })
        .collect();
    Some(view! {
        <details class="return" open=is_it>
            <summary>"What became of it"</summary>
            <form class="decide" method="post" action="/do/settle_transfer">
                <input type="hidden" name="_from" value=visit::here() />
                <input type="hidden" name="transfer" value=it.id.to_string() />
                <div class="field">
                    <label class="sr-only" for=id("state")>"What became of it"</label>
                    <select class="input" id=id("state") name="state">{options}</select>
                </div>
                <div class="field">
                    <label class="sr-only" for=id("reason")>"Why it did not arrive"</label>
                    <input class="input" id=id("reason") name="reason" maxlength="200" autocomplete="off" placeholder="Why it did not arrive" value=said />
                    {error.map(|error| view! { <p class="field-error">{icon("circle-alert")}<span>{error}</span></p> })}
                </div>
                <button class="button small">"Note it"</button>
            </form>
        </details>
    })
}

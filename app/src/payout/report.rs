//! Taking in what a bank or service says became of payments.

use domain::payout::TransferState;
use domain::people::Permission;
use engine::Error;
use leptos::prelude::*;

use super::api::{ChangeView, TakenView};
use super::sheet::transfer_state;
use crate::payment::pay_tabs;
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, FormState, Heading, Upload, banner, icon, in_app, load, table, upload};
use crate::visit;

const CHANGES: [Column; 4] = [Text("Person"), Text("Reference"), Number("Amount"), Text("State")];

const EXAMPLE: &str =
    "reference,state,reason\n7Q2M9KD4XW0B,paid,\n0C5RT8ZP1NVA,returned,AC04: the account is closed";

pub fn report_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    visit::act()?.need(Permission::SendPay)?;
    let state = FormState::of("take_report");
    let heading = Heading {
        title: "Pay".to_owned(),
        sub: Some("What your bank or service says became of payments. The same report can be sent again: nothing happens twice.".into_any()),
        ..Heading::default()
    };
    let content = match state.outcome::<TakenView>() {
        Some(taken) => done(&taken).into_any(),
        None => choose(&state).into_any(),
    };
    Ok(in_app(heading, view! { {pay_tabs("/pay/report")} {content} }))
}

fn choose(state: &FormState) -> impl IntoView + use<> {
    let file = state.value("file", "");
    let asked = Upload {
        action: "take_report",
        here: "/pay/report",
        accept: ".xml,.csv,.txt,text/csv,application/xml",
        hint: "A status report of a bank (pain.002, any version), or a table with the columns reference, state and, where something was not paid, reason.",
        name: "report",
        label: "or paste what is in it",
        rows: "8",
        placeholder: EXAMPLE,
        text: if file.trim().is_empty() { state.value("report", "") } else { file },
        submit: "Take it in",
        cancel: "/pay",
    };
    let fault = state.error("report").or_else(|| state.fault().map(|fault| fault.message.clone()));
    let fault = fault.map(|fault| view! { {icon("circle-alert")}<span>{fault}</span> }.into_any());
    upload(asked, None, fault)
}

fn done(taken: &TakenView) -> impl IntoView + use<> {
    let count = |state: TransferState| taken.changed.iter().filter(|it| it.state == state).count();
    let (paid, failed, returned) =
        (count(TransferState::Paid), count(TransferState::Failed), count(TransferState::Returned));
    let said: Vec<_> = [
        (paid, "paid"),
        (failed, "failed"),
        (returned, "returned"),
        (taken.known, "known before"),
        (taken.pending, "still on the way"),
    ]
    .into_iter()
    .filter(|it| it.0 > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let tone = match (taken.changed.is_empty(), failed + returned) {
        (true, _) => "",
        (false, 0) => "ok",
        (false, _) => "warn",
    };
    let head =
        if taken.changed.is_empty() { "Nothing is new in this report: " } else { "The report is taken: " };
    let rows: Vec<_> = taken.changed.iter().map(row).collect();
    let rows = (!rows.is_empty()).then(|| table("table slip", "What is new, by name", &CHANGES, rows));
    view! {
        {banner(tone, view! { <span>{head}{said.join(", ")}"."</span> })}
        {rows}
        <div class="form-actions">
            <a class="button" href="/pay/report">"Another report"</a>
            <a class="button quiet" href="/pay">"To the batches"</a>
        </div>
    }
}

fn row(it: &ChangeView) -> impl IntoView + use<> {
    let reason = it.reason.clone().map(|reason| view! { <span class="sub">{reason}</span> });
    view! {
        <tr>
            <th scope="row"><a class="row-link truncate" href=format!("/payments/{}", it.payment)>{it.person.clone()}</a></th>
            <td data-label="Reference"><span class="mono">{it.reference.clone()}</span></td>
            <td data-label="Amount" class="num">{it.amount.clone()}</td>
            <td data-label="State"><span>{transfer_state(it.state)}{reason}</span></td>
        </tr>
    }
}

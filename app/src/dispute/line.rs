//! What was said about a line of a payment, and saying that it is wrong.

use domain::ids::LineId;
use engine::dispute::Dispute;
use leptos::prelude::*;

use crate::ui::{FormState, button_form, date, icon, tag};
use crate::visit;

/// Whoever is paid says it; everybody else who sees the line sees what was said.
pub fn about_line(line: LineId, own: bool, disputes: &[Dispute]) -> AnyView {
    // The latest is first.
    let last = disputes.iter().find(|it| it.line_id == line);
    let says = last.map(|it| said(it, own));
    let may_say = own && last.is_none_or(|it| !it.is_open());
    view! { {says}{may_say.then(|| say(line))} }.into_any()
}

fn said(it: &Dispute, own: bool) -> impl IntoView + use<> {
    let state = if it.is_open() { tag("warn", it.outcome.label()) } else { tag("info", it.outcome.label()) };
    let by = it.is_open().then(|| {
        let words = if own { "You have an answer by " } else { "To be answered by " };
        view! { <span class="sub">{words}{date(it.answer_by)}</span> }
    });
    let answer = it.answer.clone().map(|answer| {
        let who = it.ended_by_name.as_ref().map(ToString::to_string).unwrap_or_default();
        view! { <span class="sub"><span class="strong">{who}</span>": "{answer}</span> }
    });
    let withdraw = (own && it.is_open()).then(|| {
        let button = view! { <button class="button small quiet">"Withdraw it"</button> };
        button_form("withdraw_dispute", vec![("dispute", it.id.to_string())], button)
    });
    let answers = (!own && it.is_open()).then(|| view! { <a href="/pay/disputes">"Answer"</a> });
    view! {
        <span class="disputed">
            <span>{state}" "<q>{it.said.clone()}</q></span>
            {by}{answer}{withdraw}{answers}
        </span>
    }
}

fn say(line: LineId) -> impl IntoView {
    let posted = FormState::of("dispute_line");
    let is_it = posted.fault().is_some() && posted.value("line", "") == line.to_string();
    let error = is_it.then(|| posted.error("said")).flatten();
    let id = format!("said-{line}");
    let said = if is_it { posted.value("said", "") } else { String::new() };
    let described = error.is_some().then(|| format!("{id}-error"));
    view! {
        <details class="return quiet" open=is_it>
            <summary>"Something is wrong"</summary>
            <form class="decide" method="post" action="/do/dispute_line">
                <input type="hidden" name="_from" value=visit::here() />
                <input type="hidden" name="line" value=line.to_string() />
                <div class="field">
                    <label class="sr-only" for=id.clone()>"What is wrong with it"</label>
                    <input class="input" id=id.clone() name="said" maxlength="1000" required="" autocomplete="off" placeholder="What is wrong with it" value=said aria-describedby=described />
                    {error.map(|error| view! { <p class="field-error" id=format!("{id}-error")>{icon("circle-alert")}<span>{error}</span></p> })}
                </div>
                <button class="button small">"Say so"</button>
            </form>
        </details>
    }
}

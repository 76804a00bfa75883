//! The form in which a review is decided: one form, and a button for each verdict, so that it works without script.

use domain::review::{Level, Verdict};
use engine::review::WholeReview;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::api::ESCALATE;
use crate::run::blank;
use crate::ui::{Field, FormState, field, form, icon, select, text_area};

pub fn decision(whole: &WholeReview, found: Option<&Value>) -> impl IntoView + use<> {
    let state = FormState::of("decide_review");
    let blank = || whole.schema.as_ref().map_or_else(|| json!({}), blank);
    let value = found.cloned().unwrap_or_else(blank);
    let output = Field {
        name: "output",
        label: "What it should have been",
        hint: "Only for a correction: JSON that fits the schema of the step.",
        value: serde_json::to_string_pretty(&value).unwrap_or_default(),
        ..Field::default()
    };
    let reason = Field {
        name: "reason",
        label: "Reason",
        hint: "Needed to reject.",
        optional: true,
        autocomplete: "off",
        ..Field::default()
    };
    let reason = if whole.asked.reasons.is_empty() {
        field(&state, reason)
    } else {
        let none = [(String::new(), "None".to_owned())];
        let listed = whole.asked.reasons.iter().map(|reason| (reason.clone(), reason.clone()));
        select(&state, reason, none.into_iter().chain(listed))
    };
    let comment =
        Field { name: "comment", label: "Comment", optional: true, autocomplete: "off", ..Field::default() };
    let button = |verdict: Verdict, class: &'static str, name: &'static str, words: &'static str| {
        view! { <button class=class name="verdict" value=verdict.word()>{icon(name)}{words}</button> }
    };
    let accept = found.is_some().then(|| button(Verdict::Accept, "button primary", "check", "Accept"));
    let correct = if found.is_some() { "button" } else { "button primary" };
    let escalate = (whole.review.level == Level::Reviewers).then(|| {
        view! { <button class="button quiet" name="verdict" value=ESCALATE>{icon("flag")}"Ask a manager"</button> }
    });
    let inside = view! {
        <input type="hidden" name="id" value=whole.review.id.to_string() />
        <div class="form-actions verdicts">
            {accept}
            {button(Verdict::Correct, correct, "pencil", "Correct")}
            {button(Verdict::Reject, "button danger", "x", "Reject")}
            {escalate}
        </div>
        {text_area(&state, output, "10")}
        {reason}
        {field(&state, comment)}
    };
    view! {
        <section class="section" aria-labelledby="decide">
            <h2 id="decide">"Decide"</h2>
            <div class="card"><div class="card-body">{form(&state, inside)}</div></div>
        </section>
    }
}

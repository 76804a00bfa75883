//! Pieces that the pages of runs share.

use domain::ids::RunId;
use domain::run::{AttemptState, RunState};
use engine::artifact::Reference;
use leptos::prelude::*;

use crate::ui::{self, icon, tag};

pub fn state_tag(state: RunState) -> impl IntoView {
    let kind = match state {
        RunState::Pending | RunState::Cancelled => "neutral",
        RunState::Running => "info live",
        RunState::NeedsReview => "warn",
        RunState::Success => "ok",
        RunState::Failed => "bad",
    };
    tag(kind, state.label())
}

pub fn attempt_tag(state: AttemptState) -> impl IntoView {
    let kind = match state {
        AttemptState::Success => "ok",
        AttemptState::Skipped => "neutral",
        AttemptState::Failed => "bad",
    };
    tag(kind, state.label())
}

/// The end of an id, which is where two of them differ.
pub fn short_id(id: RunId) -> String {
    let id = id.to_string();
    id.rsplit('-').next().unwrap_or(&id).to_owned()
}

/// The parts of the desk, each a page.
pub fn tabs(current: &'static str) -> impl IntoView {
    const PAGES: [(&str, &str); 5] = [
        ("/runs", "All runs"),
        ("/dead-letters", "Dead letters"),
        ("/schedules", "Schedules"),
        ("/webhooks", "Webhooks"),
        ("/queues", "Queues and workers"),
    ];
    ui::tabs("Runs", &PAGES, current)
}

/// JSON of a run, or where to get it if it is too large to stand there.
pub fn kept(run: RunId, text: &str) -> AnyView {
    let Some(reference) = Reference::read(text) else {
        return view! { <pre class="code" tabindex="0">{pretty(text)}</pre> }.into_any();
    };
    let href = format!("/runs/{run}/artifacts/{}", reference.name());
    let words = format!("{} kB of JSON, too large to be shown here. ", reference.bytes / 1024);
    view! {
        <p>{words} <a href=href download="" data-no-prefetch="">{icon("download")} "Download it"</a></p>
    }
    .into_any()
}

/// JSON for people, and no more of it than a page holds.
pub fn pretty(text: &str) -> String {
    const MOST: usize = 20_000;
    let value: Result<serde_json::Value, _> = serde_json::from_str(text);
    let text =
        value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| text.to_owned());
    match text.char_indices().nth(MOST) {
        Some((end, _)) => {
            let (shown, rest) = text.split_at(end);
            format!("{shown}\n… and {} characters more; the API has all of it", rest.chars().count())
        }
        None => text,
    }
}

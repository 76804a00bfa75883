//! What happened to a run, told in order, so that nobody has to put it together from tables.

use chrono::{DateTime, TimeDelta, Utc};
use domain::run::{AttemptState, RunState};
use engine::review::Review;
use engine::run::{Attempt, Event, Waits, Whole};
use leptos::prelude::*;

use crate::review::why_short;
use crate::ui::{clock_to_millis, icon, lasting};

/// One thing that happened.
struct Moment {
    at: DateTime<Utc>,
    icon: &'static str,
    kind: &'static str,
    words: String,
}

pub fn story(whole: &Whole) -> impl IntoView + use<> {
    let rows: Vec<_> = moments(whole)
        .into_iter()
        .map(|Moment { at, icon: name, kind, words }| {
            view! { <li class=kind>{icon(name)}<p>{words}</p><span class="muted">{clock_to_millis(at)}</span></li> }
        })
        .collect();
    view! { <ol class="story card">{rows}</ol> }
}

fn moments(whole: &Whole) -> Vec<Moment> {
    let run = &whole.run;
    let by = if run.created_by.is_empty() { String::new() } else { format!(" by {}", run.created_by) };
    let begun = format!("Taken in{by}, for version {}.", run.version);
    let mut all = vec![Moment { at: run.created_at, icon: "play", kind: "", words: begun }];
    all.extend(whole.attempts.iter().map(attempt));
    all.extend(whole.events.iter().map(event));
    all.extend(whole.reviews.iter().map(review));
    // What happened at the same moment stays in the order above.
    all.sort_by_key(|moment| moment.at);
    if let Some(last) = last(whole) {
        all.push(last);
    }
    all
}

fn attempt(attempt: &Attempt) -> Moment {
    let took = lasting((attempt.finished_at - attempt.started_at).max(TimeDelta::zero()));
    let step = &attempt.step;
    let nth = if attempt.number > 1 { format!(" at try {}", attempt.number) } else { String::new() };
    let because = attempt.error.as_deref().unwrap_or_default();
    let (icon, kind, words) = match attempt.state {
        AttemptState::Success => {
            let sure =
                attempt.confidence.map(|sure| format!(", {:.0} % sure", sure * 100.0)).unwrap_or_default();
            ("check", "ok", format!("{step} succeeded{nth} in {took}{sure}."))
        }
        AttemptState::Skipped => ("skip-forward", "", format!("{step} was skipped: {because}.")),
        AttemptState::Failed => {
            let again = if attempt.retry_at.is_some() { " It is tried again." } else { "" };
            ("x", "bad", format!("{step} failed{nth} after {took}: {because}{again}"))
        }
    };
    Moment { at: attempt.finished_at, icon, kind, words }
}

fn review(review: &Review) -> Moment {
    let words = format!("{} asks a person. {}", review.step, why_short(&review.grounds));
    Moment { at: review.opened_at, icon: "eye", kind: "warn", words }
}

fn event(event: &Event) -> Moment {
    let (icon, kind) = match event.kind.as_str() {
        "lost" => ("triangle-alert", "warn"),
        "cancelled" => ("ban", ""),
        "retried" => ("undo-2", ""),
        "held" => ("pause", "warn"),
        "signalled" => ("send", ""),
        "decided" => ("check-check", ""),
        "escalated" => ("flag", "warn"),
        _ => ("corner-down-left", ""),
    };
    let by = if event.actor_name.is_empty() { String::new() } else { format!(" ({})", event.actor_name) };
    Moment { at: event.at, icon, kind, words: format!("{}{by}", event.detail) }
}

fn waits(whole: &Whole) -> String {
    let one = |waits: &Waits| match &waits.signal {
        Some(signal) => format!("{} waits for the signal {signal}", waits.step),
        None => format!("{} lets time pass", waits.step),
    };
    let all: Vec<_> = whole.waits.iter().map(one).collect();
    format!("{}.", all.join("; "))
}

/// How it ended, or what it waits for.
fn last(whole: &Whole) -> Option<Moment> {
    let run = &whole.run;
    if let Some(standing) = &whole.standing {
        let words = match &standing.worker {
            Some(worker) if standing.taken => format!("The worker {worker} is at it."),
            _ if whole.run.state == RunState::NeedsReview => "Waits for a person.".to_owned(),
            _ if !whole.waits.is_empty() => waits(whole),
            _ if whole.events.last().is_some_and(|event| event.kind == "held") => {
                "Waits to ask again.".to_owned()
            }
            _ => match whole.attempts.iter().rev().find_map(|attempt| attempt.retry_at) {
                Some(again) if again >= standing.run_at => "Waits for its next try.".to_owned(),
                _ => "Waits for a worker.".to_owned(),
            },
        };
        return Some(Moment { at: standing.run_at, icon: "timer", kind: "", words });
    }
    let at = run.finished_at?;
    let took = lasting((at - run.created_at).max(TimeDelta::zero()));
    let error = run.error.as_deref().unwrap_or_default();
    let (icon, kind, words) = match run.state {
        RunState::Success => {
            ("circle-check", "ok", format!("Ended with success, {took} after it was taken in."))
        }
        RunState::Failed => ("circle-alert", "bad", format!("Ended as failed: {error}")),
        // The event has said so.
        _ => return None,
    };
    Some(Moment { at, icon, kind, words })
}

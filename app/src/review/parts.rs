//! Pieces that the pages of reviews share.

use chrono::{DateTime, TimeDelta, Utc};
use domain::review::{Ground, Level, ReviewState, Trigger, Verdict};
use leptos::prelude::*;

use crate::ui::{tag, until};

/// Less time than this is left: somebody should look soon.
const SOON: TimeDelta = TimeDelta::hours(1);

pub fn trigger_tag(trigger: Trigger) -> impl IntoView {
    let kind = match trigger {
        Trigger::HighRisk | Trigger::RepeatedFailure => "bad",
        Trigger::LowConfidence => "warn",
        Trigger::KeyCustomer | Trigger::Always => "info",
        Trigger::Sample => "neutral",
    };
    tag(kind, trigger.label())
}

/// Every kind of ground once.
pub fn trigger_tags(grounds: &[Ground]) -> Vec<AnyView> {
    let mut seen = Vec::new();
    for ground in grounds {
        if !seen.contains(&ground.trigger) {
            seen.push(ground.trigger);
        }
    }
    seen.into_iter().map(|trigger| view! { {trigger_tag(trigger)} " " }.into_any()).collect()
}

/// The grounds in a line.
pub fn why_short(grounds: &[Ground]) -> String {
    grounds.iter().map(|ground| ground.said.as_str()).collect::<Vec<_>>().join(" ")
}

/// How a review stands that nobody can decide any more.
pub fn state_tag(state: ReviewState, verdict: Option<Verdict>) -> impl IntoView {
    match (state, verdict) {
        (ReviewState::Decided, Some(verdict)) => {
            let kind = match verdict {
                Verdict::Accept => "ok",
                Verdict::Correct => "warn",
                Verdict::Reject => "bad",
            };
            tag(kind, verdict.label())
        }
        (ReviewState::Open, _) => tag("info", state.label()),
        (ReviewState::Lapsed, _) => tag("bad", state.label()),
        _ => tag("neutral", state.label()),
    }
}

pub fn level_tag(level: Level) -> Option<impl IntoView> {
    (level == Level::Managers).then(|| tag("warn", "For managers"))
}

/// How long there is still, and when that ends.
pub fn due(at: DateTime<Utc>, now: DateTime<Utc>) -> impl IntoView {
    let left = at - now;
    let class = if left < SOON { "due soon" } else { "due" };
    view! { <span class=class>{until(at, now)}</span> }
}

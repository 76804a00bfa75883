//! Every try of every step on one line of time: how long it waited, how long it took.

use chrono::{DateTime, TimeDelta, Utc};
use engine::run::{Attempt, Whole};
use leptos::prelude::*;

use super::parts::attempt_tag;
use crate::ui::Column::{Number, Text, Unsaid};
use crate::ui::{Column, lasting, table};

const COLUMNS: [Column; 5] =
    [Text("Step"), Text("State"), Number("Waited"), Number("Took"), Unsaid("On the line of time")];

/// A bar that is there is seen, however short.
const THINNEST: f64 = 0.4;

/// A stretch of time as parts of a hundred.
struct Scale {
    begin: DateTime<Utc>,
    whole: f64,
}

impl Scale {
    fn of(whole: &Whole, now: DateTime<Utc>) -> Self {
        let begin = whole.run.created_at;
        let last = whole.attempts.iter().map(|attempt| attempt.finished_at).max();
        let end = whole.run.finished_at.or(last).unwrap_or(now);
        Self { begin, whole: (end - begin).as_seconds_f64().max(0.000_001) }
    }

    fn place(&self, at: DateTime<Utc>) -> f64 {
        ((at - self.begin).as_seconds_f64() / self.whole * 100.0).clamp(0.0, 100.0)
    }

    fn bar(&self, class: &'static str, from: DateTime<Utc>, to: DateTime<Utc>) -> impl IntoView + use<> {
        let (x, end) = (self.place(from), self.place(to));
        let width = (end - x).max(THINNEST);
        let x = x.min(100.0 - width);
        view! { <rect class=class x=format!("{x:.2}%") y="20%" width=format!("{width:.2}%") height="60%" rx="2" /> }
    }
}

pub fn waterfall(whole: &Whole, now: DateTime<Utc>) -> impl IntoView + use<> {
    let scale = Scale::of(whole, now);
    let rows: Vec<_> = whole.attempts.iter().map(|attempt| row(attempt, &scale)).collect();
    view! {
        {table("table compact waterfall", "Every try of every step, in the order they began", &COLUMNS, rows)}
    }
}

fn row(attempt: &Attempt, scale: &Scale) -> impl IntoView + use<> {
    let class = match attempt.state {
        domain::run::AttemptState::Success => "ok",
        domain::run::AttemptState::Skipped => "skipped",
        domain::run::AttemptState::Failed => "failed",
    };
    let waited = (attempt.started_at - attempt.due_at).max(TimeDelta::zero());
    let took = (attempt.finished_at - attempt.started_at).max(TimeDelta::zero());
    let number = (attempt.number > 1).then(|| format!(" · try {}", attempt.number));
    let old = attempt.superseded.then(|| view! { <span class="muted">" · done again since"</span> });
    let link = format!("#{}-{}", attempt.step, attempt.number);
    view! {
        <tr class:superseded=attempt.superseded>
            <th scope="row" class="mono"><a href=link>{attempt.step.to_string()}</a>{number}{old}</th>
            <td data-label="State">{attempt_tag(attempt.state)}</td>
            <td data-label="Waited" class="num">{lasting(waited)}</td>
            <td data-label="Took" class="num">{lasting(took)}</td>
            <td class="wide bar">
                <svg aria-hidden="true" width="100%" height="18">
                    {scale.bar("waited", attempt.due_at, attempt.started_at)}
                    {scale.bar(class, attempt.started_at, attempt.finished_at)}
                </svg>
            </td>
        </tr>
    }
}

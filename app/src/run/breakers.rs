//! Whoever has failed of late, and whether it is asked.

use chrono::{DateTime, Utc};
use domain::people::Permission;
use engine::act::Act;
use engine::gate::{BreakerRow, in_words};
use leptos::prelude::*;

use crate::ui::Column::{Number, Text, Unsaid};
use crate::ui::{Column, ago, button_form, icon, table, tag, until};

const COLUMNS: [Column; 5] =
    [Text("Who is asked"), Text("State"), Number("Failures"), Text("Last"), Unsaid("What to do")];

/// Nothing if all are well.
pub fn breakers(rows: &[BreakerRow], act: &Act) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let rows: Vec<_> = rows.iter().map(|one| row(one, act)).collect();
    let words = "Who fails again and again is left alone for a while, by all workers. Then one run is let in to see whether it is well again.";
    Some(
        view! {
            <section class="section" aria-labelledby="breakers">
                <h2 id="breakers">"Not well"</h2>
                <p class="muted">{words}</p>
                {table("table", "Models and services that have failed since anything good was heard of them", &COLUMNS, rows)}
            </section>
        }
        .into_any(),
    )
}

fn row(one: &BreakerRow, act: &Act) -> impl IntoView + use<> {
    let close = act.may(Permission::ManageRuns).then(|| {
        let label = format!("Ask {} again", in_words(&one.dependency));
        let button =
            view! { <button class="button small" aria-label=label>{icon("refresh-cw")}"Ask again"</button> };
        button_form("close_breaker", vec![("dependency", one.dependency.clone())], button)
    });
    view! {
        <tr>
            <th scope="row">{in_words(&one.dependency)}</th>
            <td data-label="State">{state(one, act.at)}</td>
            <td data-label="Failures" class="num">{one.failures}</td>
            <td data-label="Last" class="wide">{one.last_error.clone()} " " <span class="muted">{one.failed_at.map(|at| ago(at, act.at))}</span></td>
            <td class="has-actions"><div class="row-actions">{close}</div></td>
        </tr>
    }
}

fn state(one: &BreakerRow, now: DateTime<Utc>) -> AnyView {
    match one.open_until {
        None => tag("warn", "Failing").into_any(),
        Some(open) if now < open => view! { {tag("bad", "Left alone")} " " {until(open, now)} }.into_any(),
        Some(_) if one.trial_until.is_some_and(|trial| now < trial) => tag("info", "Being tried").into_any(),
        Some(_) => tag("info", "To be tried").into_any(),
    }
}

//! How a workflow went in the last hours.

use chrono::TimeDelta;
use domain::workflow::Definition;
use engine::run::{Numbers, Spans, StepNumbers};
use leptos::prelude::*;

use crate::ui::Column::{Number, Text};
use crate::ui::{Column, dollars, lasting, table};

const COLUMNS: [Column; 9] = [
    Text("Step"),
    Number("Success"),
    Number("Skipped"),
    Number("Failed"),
    Number("Tried again"),
    Number("Reviewed"),
    Number("Waited (p95)"),
    Number("Took (p50 / p95 / p99)"),
    Number("Cost"),
];

/// How far back is looked.
pub const HOURS: u32 = 24;

pub fn numbers(numbers: &Numbers, definition: &Definition) -> impl IntoView + use<> {
    let ended = numbers.success + numbers.failed + numbers.cancelled;
    let inside = if ended == 0 && numbers.steps.is_empty() {
        view! { <p class="muted">"Nothing has gone through it."</p> }.into_any()
    } else {
        // In the order of the file; what an older version had besides comes last.
        let place = |step: &StepNumbers| {
            definition.steps.iter().position(|it| it.name.as_str() == step.step).unwrap_or(usize::MAX)
        };
        let mut steps: Vec<_> = numbers.steps.iter().collect();
        steps.sort_by_key(|step| place(step));
        let rows: Vec<_> = steps.into_iter().map(row).collect();
        view! {
            <dl class="stats">
                {stat("Success", numbers.success.to_string())}
                {stat("Failed", failed(numbers.failed, numbers.dead))}
                {(numbers.late > 0).then(|| stat("Later than wanted", numbers.late.to_string()))}
                {(numbers.stale > 0).then(|| stat("Results dropped as stale", numbers.stale.to_string()))}
                {stat("Half took at most", span(numbers.took.p50))}
                {stat("95 of 100", span(numbers.took.p95))}
                {stat("99 of 100", span(numbers.took.p99))}
                {stat("Cost", cost(numbers.cost))}
            </dl>
            {table("table compact", "Steps: how often each ended how, and how long it took", &COLUMNS, rows)}
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="numbers">
            <h2 id="numbers">"The last 24 hours"</h2>
            {inside}
        </section>
    }
}

fn stat(label: &'static str, value: String) -> impl IntoView {
    view! { <div class="stat"><dt>{label}</dt><dd>{value}</dd></div> }
}

fn failed(failed: i64, dead: i64) -> String {
    if dead == 0 { failed.to_string() } else { format!("{failed}, {dead} given up") }
}

fn row(step: &StepNumbers) -> impl IntoView + use<> {
    let Spans { p50, p95, p99 } = step.took;
    let took = p50.map(|_| format!("{} / {} / {}", span(p50), span(p95), span(p99)));
    view! {
        <tr>
            <th scope="row" class="mono fit">{step.step.clone()}</th>
            <td data-label="Success" class="num">{step.success}</td>
            <td data-label="Skipped" class="num">{step.skipped}</td>
            <td data-label="Failed" class="num">{failed(step.failed, step.dead)}</td>
            <td data-label="Tried again" class="num">{step.retried}</td>
            <td data-label="Reviewed" class="num">{reviewed(step)}</td>
            <td data-label="Waited (p95)" class="num">{span(step.waited.p95)}</td>
            <td data-label="Took" class="num wide">{took.unwrap_or_else(|| "–".to_owned())}</td>
            <td data-label="Cost" class="num">{cost(step.cost)}</td>
        </tr>
    }
}

/// How often a person was asked, and how many of those were not accepted as they were.
fn reviewed(step: &StepNumbers) -> String {
    match (step.opened, step.decided, step.overridden) {
        (0, 0, _) => "–".to_owned(),
        (opened, _, 0) => opened.to_string(),
        (opened, _, overridden) => format!("{opened}, {overridden} overridden"),
    }
}

fn cost(micros: i64) -> String {
    if micros == 0 { "–".to_owned() } else { dollars(micros) }
}

fn span(micros: Option<i64>) -> String {
    micros.map_or_else(|| "–".to_owned(), |micros| lasting(TimeDelta::microseconds(micros)))
}

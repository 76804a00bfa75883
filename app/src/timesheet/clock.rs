//! The clock of whoever enters their work: started, stopped, or thrown away.

use chrono::{DateTime, Utc};
use domain::people::Zone;
use domain::timesheet::Hours;
use engine::timesheet::{Clock, Timer};
use leptos::prelude::*;

use crate::ui::{Field, Follow, FormState, button_form, field, form, icon, live_part, select};

/// Above the week: what runs.
pub fn running(clock: &Clock, zone: &Zone, now: DateTime<Utc>) -> Option<AnyView> {
    let Timer { task, project, since } = clock.runs.as_ref()?;
    let which = since.to_rfc3339();
    let state = FormState::of("stop_timer");
    let begun = zone.local(*since);
    let day = if begun.date_naive() == zone.local(now).date_naive() { "" } else { "%A " };
    let since_words = format!("since {}", begun.format(&format!("{day}%-H:%M")));
    let elapsed = Hours::of_minutes((now - *since).num_minutes().max(0)).to_string();
    let time = view! { <strong class="elapsed">{elapsed}</strong><span class="muted">{since_words}</span> };
    let stop = view! {
        <input type="hidden" name="since" value=which.clone() />
        {field(&state, Field { name: "until", label: "Stopped at", autocomplete: "off", class: "short num", rule: "time-of-day", optional: true, ..Field::default() })}
        <button class="button primary">{icon("check")}"Stop and enter it"</button>
    };
    let discard = view! { <button class="button quiet">"Throw it away"</button> };
    Some(
        view! {
            <section class="card clock-runs" aria-labelledby="clock-runs">
                <div class="what">
                    <h2 id="clock-runs">{icon("timer")}{task.to_string()}</h2>
                    <span class="sub mono">{project.to_string()}</span>
                </div>
                {live_part("clock", time)}
                <div class="how">{form(&state, stop)}{button_form("discard_timer", vec![("since", which)], discard)}</div>
                <Follow />
            </section>
        }
        .into_any(),
    )
}

/// Below the week: what could run.
pub fn to_start(clock: &Clock) -> Option<AnyView> {
    if clock.runs.is_some() || clock.tasks.is_empty() {
        return None;
    }
    let state = FormState::of("start_timer");
    let options: Vec<_> = clock
        .tasks
        .iter()
        .map(|(project, task)| (task.id.to_string(), format!("{} · {}", project.code, task.name)))
        .collect();
    let inside = view! {
        {select(&state, Field { name: "task", label: "Work by the clock", ..Field::default() }, options)}
        <button class="button">{icon("play")}"Start the clock"</button>
    };
    Some(view! { <div class="clock-start">{form(&state, inside)}</div> }.into_any())
}

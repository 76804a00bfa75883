use chrono::{DateTime, TimeDelta, Utc};
use engine::Error;
use engine::errand::ErrandQueue;
use engine::gate::Gates;
use engine::run::{Pause, Queues, Runs, Waiting, Worker};
use leptos::prelude::*;

use super::breakers::breakers;
use super::budgets::budgets;
use super::parts::tabs;
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, Follow, Heading, ago, empty, in_app, lasting, live_part, load, table, tag};
use crate::visit;

const WAITING: [Column; 4] = [Text("Priority"), Number("Due"), Number("Lag"), Number("Later")];
const ERRANDS: [Column; 4] = [Text("Queue"), Number("Offered"), Number("Lag"), Number("Taken")];
const PAUSED: [Column; 4] = [Text("Workflow"), Text("By"), Text("Since"), Text("Why")];
const WORKERS: [Column; 5] =
    [Text("Worker"), Text("State"), Number("Runs at once"), Text("Since"), Text("Last heard of")];

pub fn queues_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let queues = expect_context::<Runs>().queues(&act).await?;
    let pauses = expect_context::<Runs>().pauses(&act).await?;
    let troubled = expect_context::<Gates>().troubled(&act).await?;
    let spending = expect_context::<Gates>().budgets(&act).await?;
    let content = view! {
        <section class="section" aria-labelledby="waiting"><h2 id="waiting">"Waiting"</h2>{waiting(&queues, act.at)}</section>
        {paused(&pauses, act.at)}
        {breakers(&troubled, &act)}
        {budgets(&spending)}
        {errands(&queues, act.at)}
        <section class="section" aria-labelledby="workers"><h2 id="workers">"Workers"</h2>{workers(&queues, act.at)}</section>
    };
    let content = view! { {tabs("/queues")} {live_part("queues", content)} <Follow /> };
    let heading = Heading {
        title: "Runs".to_owned(),
        sub: Some("What is to be done, for how long it has been, and who does it.".into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, content))
}

fn waiting(queues: &Queues, now: DateTime<Utc>) -> impl IntoView + use<> {
    let most = queues.counted_up_to;
    let count = |n: i64| if n >= most { format!("{most} or more") } else { n.to_string() };
    let row = |waiting: &Waiting| {
        let lag = waiting.oldest.map(|oldest| lasting((now - oldest).max(TimeDelta::zero())));
        view! {
            <tr>
                <th scope="row">{waiting.priority().label()}</th>
                <td data-label="Due" class="num">{count(waiting.due)}</td>
                <td data-label="Lag" class="num">{lag.unwrap_or_else(|| "none".to_owned())}</td>
                <td data-label="Later" class="num">{count(waiting.later)}</td>
            </tr>
        }
    };
    let rows: Vec<_> = queues.waiting.iter().map(row).collect();
    view! {
        {table("table", "Runs that wait for a worker, by priority", &WAITING, rows)}
    }
}

/// Workflows whose runs are not gone on with.
fn paused(pauses: &[Pause], now: DateTime<Utc>) -> Option<AnyView> {
    if pauses.is_empty() {
        return None;
    }
    let row = |one: &Pause| {
        view! {
            <tr>
                <th scope="row"><a class="row-link" href=format!("/workflows/{}", one.workflow)>{one.title.clone()}</a></th>
                <td data-label="By">{one.by_name.clone()}</td>
                <td data-label="Since">{ago(one.at, now)}</td>
                <td data-label="Why" class="wide">{one.why.clone()}</td>
            </tr>
        }
    };
    let rows: Vec<_> = pauses.iter().map(row).collect();
    Some(
        view! {
            <section class="section" aria-labelledby="paused">
                <h2 id="paused">"Paused"</h2>
                {table("table", "Workflows whose runs wait until somebody has them go on", &PAUSED, rows)}
            </section>
        }
        .into_any(),
    )
}

/// What waits for programs of the user, if any workflow has them do something.
fn errands(queues: &Queues, now: DateTime<Utc>) -> Option<AnyView> {
    if queues.errands.is_empty() {
        return None;
    }
    let row = |one: &ErrandQueue| {
        let lag = one.oldest.map(|oldest| lasting((now - oldest).max(TimeDelta::zero())));
        view! {
            <tr>
                <th scope="row" class="mono">{one.queue.to_string()}</th>
                <td data-label="Offered" class="num">{one.offered}</td>
                <td data-label="Lag" class="num">{lag.unwrap_or_else(|| "none".to_owned())}</td>
                <td data-label="Taken" class="num">{one.taken}</td>
            </tr>
        }
    };
    let rows: Vec<_> = queues.errands.iter().map(row).collect();
    Some(
        view! {
            <section class="section" aria-labelledby="errands">
                <h2 id="errands">"For your programs"</h2>
                {table("table", "Errands that wait for programs, and those that programs have", &ERRANDS, rows)}
            </section>
        }
        .into_any(),
    )
}

fn workers(queues: &Queues, now: DateTime<Utc>) -> AnyView {
    if queues.workers.is_empty() {
        let words =
            "Nothing is worked on. Start a server without --workers 0, or `countersign work` beside it.";
        return empty("triangle-alert", "No worker", words, ()).into_any();
    }
    let rows: Vec<_> = queues.workers.iter().map(|one| worker(one, now)).collect();
    view! {
        {table("table", "Processes that work on runs", &WORKERS, rows)}
    }
    .into_any()
}

fn worker(worker: &Worker, now: DateTime<Utc>) -> impl IntoView + use<> {
    let silent = now > worker.silent_after;
    view! {
        <tr>
            <th scope="row" class="mono">{worker.id.clone()}</th>
            <td data-label="State">{if silent { tag("warn", "Silent").into_any() } else { tag("ok", "At work").into_any() }}</td>
            <td data-label="Runs at once" class="num">{worker.slots}</td>
            <td data-label="Since">{ago(worker.started_at, now)}</td>
            <td data-label="Last heard of">{ago(worker.seen_at, now)}</td>
        </tr>
    }
}

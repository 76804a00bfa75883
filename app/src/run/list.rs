use chrono::{DateTime, TimeDelta, Utc};
use domain::people::Permission;
use domain::run::RunState;
use domain::workflow::WorkflowName;
use engine::Error;
use engine::act::Act;
use engine::run::{RunLine, Runs, Wanted};
use engine::workflow::Workflows;
use leptos::prelude::*;

use super::parts::{short_id, state_tag, tabs};
use crate::ui::filters::{day, day_begins, filters, pick, search};
use crate::ui::{Heading, ago, empty, filter_query, icon, in_app, lasting, load, pager, shown};
use crate::visit::{self, query};

const PAGE: usize = 50;

/// More workflows than a list to choose from can show.
const MOST_WORKFLOWS: usize = 200;

pub fn list_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let words = ["workflow", "state", "key", "from", "until"].map(|name| query(name).unwrap_or_default());
    let [workflow, state, key, from, until] = &words;
    let kept = filter_query(&[
        ("workflow", workflow),
        ("state", state),
        ("key", key),
        ("from", from),
        ("until", until),
    ]);
    let before = query("after").and_then(|id| id.parse().ok());
    let found = match wanted(&act, &words)? {
        Some(wanted) => Some(expect_context::<Runs>().list(&act, &wanted, before, PAGE).await?),
        None => None,
    };
    let list = match &found {
        Some(page) if !page.rows.is_empty() => {
            let shown = shown(page.rows.len(), page.has_more, "One run", "runs");
            let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.id));
            let rows: Vec<_> = page.rows.iter().map(|line| row(line, act.at)).collect();
            view! {
                <div class="table-wrap">
                    <table class="table">
                        <caption class="sr-only">"Runs, the newest first"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Run"</th>
                                <th scope="col">"Workflow"</th>
                                <th scope="col">"State"</th>
                                <th scope="col">"Started"</th>
                                <th scope="col" class="num">"Took"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {pager(shown, &kept, before.is_some(), next)}
            }
            .into_any()
        }
        Some(_) if kept.is_empty() && before.is_none() => {
            let action =
                view! { <a class="button" href="/workflows">{icon("workflow")}"Choose a workflow"</a> };
            let words = "A run is one item's way through a workflow. Programs start them over the API; to try one, start it by hand.";
            empty("activity", "No runs yet", words, action).into_any()
        }
        _ => {
            let action = view! { <a class="button" href="/runs">"Show all runs"</a> };
            empty(
                "activity",
                "No run fits this filter",
                "Try another state or workflow, or a longer time.",
                action,
            )
            .into_any()
        }
    };
    let workflows = expect_context::<Workflows>().list(&act, None, MOST_WORKFLOWS).await?.rows;
    let workflows = workflows.into_iter().map(|workflow| (workflow.name.to_string(), workflow.title));
    let states = RunState::ALL.iter().map(|state| (state.word(), state.label()));
    let inside = view! {
        {pick("workflow", "Workflow", workflows, workflow)}
        {pick("state", "State", states, state)}
        {search("key", "Key", "What its caller calls it", key)}
        {day("from", "From", from)}
        {day("until", "To", until)}
    };
    let filters = filters("Filter runs", "/runs", !kept.is_empty(), inside);
    let heading = Heading {
        title: "Runs".to_owned(),
        actions: act.may(Permission::StartRuns).then(|| {
            view! { <a class="button" href="/workflows">{icon("play")}"Start a run"</a> }.into_any()
        }),
        ..Heading::default()
    };
    // Offered where there is something to change, and not for everything there is.
    let some = found.as_ref().is_some_and(|page| !page.rows.is_empty()) && !kept.is_empty();
    let change = (some && act.may(Permission::ManageRuns)).then(|| {
        let href = format!("/runs/change?{kept}");
        view! { <p><a class="button small" href=href>{icon("list-checks")}"Change all of these"</a></p> }
    });
    Ok(in_app(heading, view! { {tabs("/runs")} {filters} {change} {list} }))
}

/// What the words of the address mean; nothing if one of them means nothing, and so no run fits it.
pub fn wanted(act: &Act, [workflow, state, key, from, until]: &[String; 5]) -> Result<Option<Wanted>, Error> {
    let zone = &act.person()?.zone;
    let (Ok(from), Ok(until)) = (day_begins(from, zone, 0), day_begins(until, zone, 1)) else {
        return Ok(None);
    };
    let some = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (workflow, state) = (
        some(workflow).map(|name| WorkflowName::parse(&name)),
        some(state).map(|word| RunState::parse(&word)),
    );
    let (Ok(workflow), Some(state)) =
        (workflow.transpose(), state.map_or(Some(None), |state| state.map(Some)))
    else {
        return Ok(None);
    };
    Ok(Some(Wanted { workflow, state, key: some(key), from, until, reason: None }))
}

fn row(line: &RunLine, now: DateTime<Utc>) -> impl IntoView + use<> {
    let took = line.finished_at.zip(line.started_at).map(|(end, start)| (end - start).max(TimeDelta::zero()));
    let beside = line.error.clone().or_else(|| line.key.clone());
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link mono truncate" href=format!("/runs/{}", line.id)>{short_id(line.id)}</a>
                        {beside.map(|text| view! { <span class="sub truncate">{text}</span> })}
                    </span>
                </span>
            </th>
            <td data-label="Workflow" class="wide">{line.title.clone()} <span class="muted">{format!(" v{}", line.version)}</span></td>
            <td data-label="State">{state_tag(line.state)}</td>
            <td data-label="Started">{ago(line.created_at, now)}</td>
            <td data-label="Took" class="num">{took.map(lasting)}</td>
        </tr>
    }
}

use chrono::{DateTime, TimeDelta, Utc};
use domain::people::Permission;
use domain::run::RunState;
use engine::Error;
use engine::project::{Filter as ProjectFilter, Projects};
use engine::run::{Listed, RunLine, Runs};
use engine::workflow::Workflows;
use leptos::prelude::*;

use super::parts::{short_id, state_tag, tabs};
use super::wanted::Filter;
use crate::ui::Column::{Number, Text};
use crate::ui::filters::{day, filters, pick, search};
use crate::ui::{
    Column, Follow, Heading, ago, empty, icon, in_app, lasting, live_part, load, pager, shown, table,
};
use crate::visit::{self, query};

const COLUMNS: [Column; 5] = [Text("Run"), Text("Workflow"), Text("State"), Text("Started"), Number("Took")];

const PAGE: usize = 50;

/// More workflows than a list to choose from can show.
const MOST_WORKFLOWS: usize = 200;
const MOST_PROJECTS: usize = 200;

pub fn list_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let filter = Filter::read(query);
    let kept = filter.address();
    let before = query("after").and_then(|id| id.parse().ok());
    let found = match filter.meaning(&act.person()?.zone) {
        Some(wanted) => Some(expect_context::<Runs>().list(&act, &wanted, before, PAGE).await?),
        None => None,
    };
    let list = match &found {
        Some(page) if !page.rows.is_empty() => {
            let shown = match page.looked_at {
                Some(looked_at) => format!("{} among the {looked_at} that were looked at", page.rows.len()),
                None => shown(page.rows.len(), page.next.is_some(), "One run", "runs"),
            };
            let next = page.next.map(|last| format!("after={last}"));
            let rows: Vec<_> = page.rows.iter().map(|line| row(line, act.at)).collect();
            let rows = view! {
                {table("table", "Runs, the newest first", &COLUMNS, rows)}
                {pager(shown, &kept, before.is_some(), next)}
            };
            view! { {live_part("runs", rows)} <Follow /> }.into_any()
        }
        Some(Listed { next: Some(next), .. }) => {
            let href = format!("?{kept}&after={next}");
            let action =
                view! { <a class="button" rel="next" href=href>{icon("search")}"Look further back"</a> };
            let words = "Words are looked for in 20,000 runs at a time, the newest first.";
            empty("search", "Not among those looked at", words, action).into_any()
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
    let workflows = workflows.into_iter().map(|workflow| (workflow.name, workflow.title));
    let filter_projects = ProjectFilter::default();
    let projects = expect_context::<Projects>().list(&act, &filter_projects, MOST_PROJECTS).await?.rows;
    let projects = projects
        .into_iter()
        .map(|project| (project.code.as_str().to_owned(), project.name.as_str().to_owned()));
    let states = RunState::ALL.iter().map(|state| (state.word(), state.label()));
    let inside = view! {
        {pick("workflow", "Workflow", workflows, filter.get("workflow"))}
        {pick("project", "Project", projects, filter.get("project"))}
        {pick("state", "State", states, filter.get("state"))}
        {search("text", "Search", "Key, id, words", filter.get("text"))}
        {day("from", "From", filter.get("from"))}
        {day("until", "To", filter.get("until"))}
    };
    let bar = filters("Filter runs", "/runs", !kept.is_empty(), inside);
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
    Ok(in_app(heading, view! { {tabs("/runs")} {bar} {change} {list} }))
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
            <td data-label="Workflow" class="wide">
                {line.title.clone()} <span class="muted">{format!(" v{}", line.version)}</span>
                {line.project.as_ref().map(|code| view! { <span class="muted">{format!(" · {}", code.as_str())}</span> })}
            </td>
            <td data-label="State">{state_tag(line.state)}</td>
            <td data-label="Started">{ago(line.created_at, now)}</td>
            <td data-label="Took" class="num">{took.map(lasting)}</td>
        </tr>
    }
}

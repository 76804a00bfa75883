//! Moving the runs of a workflow that have not ended to another version: what it would come to, and the button.

use domain::people::Permission;
use engine::Error;
use engine::run::{Move, Runs, Stay};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::parts::short_id;
use crate::ui::{Column, Heading, button_form, empty, icon, in_app, load, table};
use crate::visit::{self, query};

const COLUMNS: [Column; 3] = [Column::Text("Why"), Column::Number("Runs"), Column::Text("One of them")];

pub fn move_page() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    load(content(name))
}

async fn content(name: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManageRuns)?;
    let to = query("to").and_then(|to| to.parse().ok());
    let would = expect_context::<Runs>().would_move(&act, &name, to).await?;
    let heading = Heading {
        title: format!("Move runs to version {}", would.to),
        sub: Some(
            view! { "Those of " <span class="mono">{name.clone()}</span> " that have not ended. What they have found stays found." }
                .into_any(),
        ),
        above: Some(("Workflows", "/workflows")),
        narrow: true,
        ..Heading::default()
    };
    let back = format!("/workflows/{name}");
    if would.runs == 0 && would.stay.is_empty() {
        let back = view! { <a class="button" href=back>"Back to the workflow"</a> };
        return Ok(in_app(
            heading,
            empty(
                "workflow",
                "Nothing to move",
                "Every run that has not ended goes by this version already.",
                back,
            ),
        ));
    }
    let content = view! {
        {choice(&would)}
        <ul class="list card">
            <li>
                {icon("workflow")}
                <div class="grow">
                    <p class="title">{can(&would)}</p>
                    <p class="sub">"Each goes on from its last checkpoint. Steps that only the new version has are done, too."</p>
                </div>
                {(would.runs > 0).then(|| button(&name, &would))}
            </li>
        </ul>
        {stay(&would.stay)}
        <p><a href=back>"Back to the workflow"</a></p>
    };
    Ok(in_app(heading, content))
}

/// Another version than the newest may be wanted, to go back to what was.
fn choice(would: &Move) -> Option<AnyView> {
    let Move { to, newest, .. } = *would;
    (newest > 1).then(|| {
        view! {
            <form class="row" method="get">
                <div class="field">
                    <label for="to">"To version"</label>
                    <input class="input" id="to" name="to" type="number" min="1" max=newest value=to />
                </div>
                <button class="button">"Show"</button>
            </form>
        }
        .into_any()
    })
}

fn can(would: &Move) -> String {
    let more = if would.more { ", and there are more" } else { "" };
    match would.runs {
        0 => format!("None of them can be moved to version {}{more}", would.to),
        1 => format!("One run can be moved to version {}{more}", would.to),
        n => format!("{n} runs can be moved to version {}{more}", would.to),
    }
}

fn button(name: &str, would: &Move) -> AnyView {
    let label = if would.runs == 1 { "Move it".to_owned() } else { format!("Move {} runs", would.runs) };
    let hidden = vec![("name", name.to_owned()), ("to", would.to.to_string())];
    button_form("move_runs", hidden, view! { <button class="button primary">{label}</button> }).into_any()
}

fn stay(stay: &[Stay]) -> Option<AnyView> {
    if stay.is_empty() {
        return None;
    }
    let row = |stay: &Stay| {
        let href = format!("/runs/{}", stay.example);
        view! {
            <tr>
                <td data-label="Why" class="wide">{stay.because.clone()}</td>
                <td data-label="Runs" class="num">{stay.runs}</td>
                <td data-label="One of them"><a class="mono" href=href>{short_id(stay.example)}</a></td>
            </tr>
        }
    };
    let rows: Vec<_> = stay.iter().map(row).collect();
    Some(
        view! {
            <section class="section" aria-labelledby="stay">
                <h2 id="stay">"These stay where they are"</h2>
                {table("table compact", "Why runs stay on their version", &COLUMNS, rows)}
            </section>
        }
        .into_any(),
    )
}

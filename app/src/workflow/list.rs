use domain::people::Permission;
use domain::workflow::WorkflowName;
use engine::Error;
use engine::workflow::{Workflow, Workflows};
use leptos::prelude::*;

use crate::ui::Column::{Number, Text};
use crate::ui::{Column, Heading, ago, empty, icon, in_app, load, pager, shown, table};
use crate::visit::{self, query};

const COLUMNS: [Column; 3] = [Text("Workflow"), Number("Version"), Text("Changed")];

const PAGE: usize = 50;

pub fn list_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let after = query("after").and_then(|name| WorkflowName::parse(&name).ok());
    let page = expect_context::<Workflows>().list(&act, after.as_ref(), PAGE).await?;
    let may_apply = act.may(Permission::ManageWorkflows);
    let apply = || {
        view! { <a class="button primary" href="/workflows/apply">{icon("upload")}"Apply a definition"</a> }
    };
    let list = if page.rows.is_empty() {
        let words = "A workflow says what is done with each item that comes in. It is a file that you write, check and apply.";
        empty("workflow", "No workflows yet", words, may_apply.then(apply)).into_any()
    } else {
        let shown = shown(page.rows.len(), page.has_more, "One workflow", "workflows");
        let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.name));
        let rows: Vec<_> = page.rows.iter().map(|workflow| row(workflow, act.at)).collect();
        view! {
            {table("table", "Workflows, sorted by name", &COLUMNS, rows)}
            {pager(shown, "", after.is_some(), next)}
        }
        .into_any()
    };
    let heading = Heading {
        title: "Workflows".to_owned(),
        actions: may_apply.then(|| apply().into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, list))
}

fn row(workflow: &Workflow, now: chrono::DateTime<chrono::Utc>) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link truncate" href=format!("/workflows/{}", workflow.name)>{workflow.title.clone()}</a>
                        <span class="sub truncate mono">{workflow.name.to_string()}</span>
                    </span>
                </span>
            </th>
            <td class="num" data-label="Version">{workflow.version}</td>
            <td data-label="Changed">{ago(workflow.changed_at, now)}</td>
        </tr>
    }
}

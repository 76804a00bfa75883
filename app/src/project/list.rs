use domain::people::Permission;
use domain::project::{Project, ProjectStatus};
use engine::Error;
use engine::project::{Filter, Projects};
use leptos::prelude::*;

use crate::ui::Column::Text;
use crate::ui::filters::{filters, pick, search};
use crate::ui::{Column, Heading, empty, filter_query, icon, in_app, load, pager, shown, table, tag};
use crate::visit::{self, query};

const COLUMNS: [Column; 4] = [Text("Project"), Text("Client"), Text("Currency"), Text("Status")];

const PAGE: usize = 50;

pub fn list_page() -> impl IntoView {
    load(content())
}

pub fn status_tag(status: ProjectStatus) -> impl IntoView {
    let kind = match status {
        ProjectStatus::Active => "ok",
        ProjectStatus::Paused => "warn",
        ProjectStatus::Closed => "neutral",
    };
    tag(kind, status.label())
}

/// A few projects, where they are not what the page is about.
pub fn short_list(projects: &[Project]) -> impl IntoView + use<> {
    let items: Vec<_> = projects
        .iter()
        .map(|project| {
            view! {
                <li>
                    {icon("folder-kanban")}
                    <div class="grow">
                        <p class="title"><a href=format!("/projects/{}", project.id)>{project.name.to_string()}</a></p>
                        <p class="sub">{format!("{} · {} · {}", project.code, project.client, project.currency)}</p>
                    </div>
                </li>
            }
        })
        .collect();
    view! { <ul class="list">{items}</ul> }
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let (text, status) = (query("q").unwrap_or_default(), query("status").unwrap_or_default());
    let after = query("after").and_then(|id| id.parse().ok());
    let filter = Filter { text: Some(text.clone()), status: ProjectStatus::parse(&status), of: None, after };
    let page = expect_context::<Projects>().list(&act, &filter, PAGE).await?;
    let kept = filter_query(&[("q", &text), ("status", &status)]);
    let may_make = act.may(Permission::ManageProjects);
    let new = || view! { <a class="button primary" href="/projects/new">{icon("plus")}"New project"</a> };

    let list = if page.rows.is_empty() && kept.is_empty() {
        let words = if may_make {
            "A project has a code, a client and a currency. People enter their hours on it once they are its members."
        } else {
            "You see a project here once a manager has added you to it."
        };
        empty("folder-kanban", "No projects yet", words, may_make.then(new)).into_any()
    } else if page.rows.is_empty() {
        let action = view! { <a class="button" href="/projects">"Show all projects"</a> };
        empty(
            "folder-kanban",
            "No project fits this filter",
            "Try part of its code, its name or its client.",
            action,
        )
        .into_any()
    } else {
        let shown = shown(page.rows.len(), page.has_more, "One project", "projects");
        let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.id));
        let rows: Vec<_> = page.rows.iter().map(row).collect();
        view! {
            {table("table", "Projects, sorted by code", &COLUMNS, rows)}
            {pager(shown, &kept, after.is_some(), next)}
        }
        .into_any()
    };
    let heading = Heading {
        title: "Projects".to_owned(),
        actions: may_make.then(|| new().into_any()),
        ..Heading::default()
    };
    let statuses = ProjectStatus::ALL.iter().map(|status| (status.word(), status.label()));
    let inside = view! {
        {search("q", "Search", "Code, name or client", &text)}
        {pick("status", "Status", statuses, &status)}
    };
    let filters = filters("Filter projects", "/projects", !kept.is_empty(), inside);
    Ok(in_app(heading, view! { {filters} {list} }))
}

fn row(project: &Project) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link truncate" href=format!("/projects/{}", project.id)>{project.name.to_string()}</a>
                        <span class="sub truncate mono">{project.code.to_string()}</span>
                    </span>
                </span>
            </th>
            <td data-label="Client" class="clip">{project.client.to_string()}</td>
            <td data-label="Currency">{project.currency.to_string()}</td>
            <td data-label="Status">{status_tag(project.status)}</td>
        </tr>
    }
}

//! What the pages of one project share: whose it is, its heading and its tabs.

use domain::Fault;
use domain::ids::ProjectId;
use domain::people::Permission;
use domain::project::Project;
use engine::Error;
use engine::act::Act;
use engine::project::Projects;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::list::status_tag;
use crate::ui::{Heading, date, icon, tabs};

/// Part of the address of a page.
pub fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

/// The project that the address of a page names.
pub async fn opened(act: &Act) -> Result<Project, Error> {
    let id: ProjectId = param("id").parse().map_err(|_| Fault::not_found("There is no such project."))?;
    expect_context::<Projects>().get(act, id).await
}

pub fn heading(act: &Act, project: &Project) -> Heading {
    let edit = act.may(Permission::ManageProjects).then(|| {
        view! { <a class="button" href=format!("/projects/{}/edit", project.id)>{icon("pencil")}"Edit"</a> }
            .into_any()
    });
    let what = format!("{} · {} · paid in {}", project.code, project.client, project.currency);
    Heading {
        title: project.name.to_string(),
        beside: Some(status_tag(project.status).into_any()),
        sub: Some(view! { {what} " · since " {date(project.created_at)} }.into_any()),
        above: Some(("Projects", "/projects")),
        actions: edit,
        narrow: false,
    }
}

/// The heading of a page with one thing of a project to change.
pub fn narrow(project: &Project, title: String) -> Heading {
    let what = format!("{} · {}", project.code, project.name);
    Heading {
        title,
        sub: Some(what.into_any()),
        above: Some(("Projects", "/projects")),
        narrow: true,
        ..Heading::default()
    }
}

/// The pages of a project, for whoever may see more than one of them.
pub fn project_tabs(act: &Act, project: &Project, current: &str) -> Option<impl IntoView + use<>> {
    let page = |rest: &str| format!("/projects/{}{rest}", project.id);
    let pages = [
        (page(""), "Members"),
        (page("/tasks"), "Tasks"),
        (page("/rates"), "Rates"),
        (page("/terms"), "Periods and limits"),
    ];
    act.may(Permission::SeePay).then(|| tabs("Project", &pages, &page(current)))
}

use domain::Fault;
use domain::currency::{COMMON, Currency};
use domain::ids::ProjectId;
use domain::people::Permission;
use domain::project::{Project, ProjectStatus};
use engine::Error;
use engine::project::Projects;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ui::{Field, FormState, Heading, field, form, in_app, load, select};
use crate::visit;

pub fn new_page() -> impl IntoView {
    load(new())
}

pub fn edit_page() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    load(edit(id))
}

async fn new() -> Result<AnyView, Error> {
    visit::act()?.need(Permission::ManageProjects)?;
    let state = FormState::of("make_project");
    let inside = view! {
        {fields(&state, None)}
        <div class="form-actions ruled">
            <button class="button primary">"Make the project"</button>
            <a class="button quiet" href="/projects">"Cancel"</a>
        </div>
    };
    let heading = Heading {
        title: "New project".to_owned(),
        above: Some(("Projects", "/projects")),
        narrow: true,
        ..Heading::default()
    };
    Ok(in_app(heading, form(&state, inside)))
}

async fn edit(id: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManageProjects)?;
    let id: ProjectId = id.parse().map_err(|_| Fault::not_found("There is no such project."))?;
    let project = expect_context::<Projects>().get(&act, id).await?;
    let state = FormState::of("change_project");
    let statuses =
        ProjectStatus::ALL.iter().map(|status| (status.word().to_owned(), status.label().to_owned()));
    let status = Field {
        name: "status",
        label: "Status",
        hint: "Nothing new can be entered on a project that is paused or closed.",
        value: project.status.word().to_owned(),
        ..Field::default()
    };
    let inside = view! {
        <input type="hidden" name="id" value=id.to_string() />
        <input type="hidden" name="version" value=state.value("version", &project.version.to_string()) />
        {fields(&state, Some(&project))}
        {select(&state, status, statuses)}
        <div class="form-actions ruled">
            <button class="button primary">"Save"</button>
            <a class="button quiet" href=format!("/projects/{id}")>"Cancel"</a>
        </div>
    };
    let heading = Heading {
        title: format!("Edit {}", project.code),
        above: Some(("Projects", "/projects")),
        narrow: true,
        ..Heading::default()
    };
    Ok(in_app(heading, form(&state, inside)))
}

fn fields(state: &FormState, project: Option<&Project>) -> impl IntoView + use<> {
    let value = |of: fn(&Project) -> String| project.map(of).unwrap_or_default();
    let others = Currency::all().into_iter().filter(|code| !COMMON.contains(code));
    let currencies = COMMON.iter().copied().chain(others).map(|code| (code.to_owned(), code.to_owned()));
    let currency = Field {
        name: "currency",
        label: "Currency",
        hint: "What people are paid in.",
        value: project.map_or_else(|| "EUR".to_owned(), |project| project.currency.to_string()),
        class: "short",
        ..Field::default()
    };
    view! {
        {field(state, Field {
            name: "name", label: "Name", rule: "project-name", autocomplete: "off", focus: project.is_none(),
            value: value(|p| p.name.to_string()), ..Field::default()
        })}
        {field(state, Field {
            name: "code", label: "Code", hint: "What people and files call it: letters, digits and hyphens.", class: "medium",
            rule: "project-code", autocomplete: "off", value: value(|p| p.code.to_string()), ..Field::default()
        })}
        {field(state, Field {
            name: "client", label: "Client", rule: "client-name", autocomplete: "off",
            value: value(|p| p.client.to_string()), ..Field::default()
        })}
        {select(state, currency, currencies)}
    }
}

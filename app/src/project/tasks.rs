//! What there is to do on a project.

use domain::Fault;
use domain::ids::TaskTypeId;
use domain::people::Permission;
use domain::project::{PaidBy, Project, TaskType};
use domain::timesheet::Hours;
use engine::Error;
use engine::project::Projects;
use leptos::prelude::*;

use super::frame::{heading, narrow, opened, param, project_tabs};
use crate::ui::Column::{Number, Text, Unsaid};
use crate::ui::{Column, Field, FormState, choices, field, form, icon, in_app, load, select, table, tag};
use crate::visit;

const COLUMNS: [Column; 5] = [
    Text("Task"),
    Text("Paid"),
    Number("Hours a day, at most"),
    Number("Units a day, at most"),
    Unsaid("Actions"),
];

pub fn tasks_page() -> impl IntoView {
    load(list())
}

pub fn task_page() -> impl IntoView {
    load(one())
}

async fn list() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::SeePay)?;
    let project = opened(&act).await?;
    let tasks = expect_context::<Projects>().tasks(&act, project.id).await?;
    let may = act.may(Permission::ManagePay);
    let rows: Vec<_> = tasks.iter().map(|task| row(&project, task, may)).collect();
    let list = if rows.is_empty() {
        view! { <div class="card"><div class="empty">{icon("list-checks")}<h2>"Nothing to do yet"</h2><p>"People enter their time by task. Add the first one."</p></div></div> }.into_any()
    } else {
        table("table", "Tasks", &COLUMNS, rows).into_any()
    };
    let add = may.then(|| {
        let state = FormState::of("add_task");
        let inside = view! {
            <input type="hidden" name="id" value=project.id.to_string() />
            {fields(&state, None)}
            <div class="form-actions"><button class="button">{icon("plus")}"Add the task"</button></div>
        };
        view! { <section class="section" aria-labelledby="add"><h2 id="add">"Add a task"</h2>{form(&state, inside)}</section> }
    });
    let content = view! {
        {project_tabs(&act, &project, "/tasks")}
        <section class="section" aria-label="Tasks">{list}</section>
        {add}
    };
    Ok(in_app(heading(&act, &project), content))
}

fn row(project: &Project, task: &TaskType, may: bool) -> impl IntoView + use<> {
    let paid = match (&task.unit, task.paid_by) {
        (Some(unit), PaidBy::Units) => format!("by the {unit}"),
        (Some(unit), _) => format!("by the hour and by the {unit}"),
        (None, paid_by) => paid_by.label().to_lowercase(),
    };
    let limit = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let edit = may.then(|| {
        let (href, label) =
            (format!("/projects/{}/tasks/{}", project.id, task.id), format!("Edit {}", task.name));
        view! { <a class="icon-button" href=href aria-label=label>{icon("pencil")}</a> }
    });
    view! {
        <tr>
            <th scope="row">
                <span class="row"><span class="strong truncate">{task.name.to_string()}</span>{(!task.active).then(|| tag("neutral", "Not any more"))}</span>
            </th>
            <td data-label="Paid">{paid}</td>
            <td data-label="Hours a day, at most" class="num">{limit(task.day_minutes.map(|minutes| Hours::of_minutes(minutes).to_string()))}</td>
            <td data-label="Units a day, at most" class="num">{limit(task.day_units.map(|units| units.to_string()))}</td>
            <td class="fit has-actions"><span class="row-actions">{edit}</span></td>
        </tr>
    }
}

async fn one() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManagePay)?;
    let project = opened(&act).await?;
    let gone = || Fault::not_found("There is no such task on this project.");
    let id: TaskTypeId = param("task").parse().map_err(|_| gone())?;
    let tasks = expect_context::<Projects>().tasks(&act, project.id).await?;
    let task = tasks.into_iter().find(|task| task.id == id).ok_or_else(gone)?;
    let state = FormState::of("change_task");
    let active = vec![(
        "yes",
        "Work can be entered on it",
        "Take this off once nobody does it any more.",
        task.active,
    )];
    let inside = view! {
        <input type="hidden" name="id" value=project.id.to_string() />
        <input type="hidden" name="task" value=task.id.to_string() />
        <input type="hidden" name="version" value=state.value("version", &task.version.to_string()) />
        {fields(&state, Some(&task))}
        {choices(&state, "active", "In use", active)}
        <div class="form-actions ruled">
            <button class="button primary">"Save"</button>
            <a class="button quiet" href=format!("/projects/{}/tasks", project.id)>"Cancel"</a>
        </div>
    };
    Ok(in_app(narrow(&project, format!("Edit {}", task.name)), form(&state, inside)))
}

/// What it is paid by is chosen once: what people have entered since counts on it.
fn fields(state: &FormState, task: Option<&TaskType>) -> impl IntoView + use<> {
    let value = |of: fn(&TaskType) -> Option<String>| task.and_then(of).unwrap_or_default();
    let kinds = PaidBy::ALL.iter().map(|kind| (kind.word().to_owned(), kind.label().to_owned()));
    let paid_by = Field { name: "paid_by", label: "Paid", value: "hours".to_owned(), ..Field::default() };
    let paid_by = task.is_none().then(|| select(state, paid_by, kinds));
    let counts = task.is_none_or(|task| task.paid_by.units());
    let unit = counts.then(|| {
        field(
            state,
            Field {
                name: "unit",
                label: "What is counted",
                hint: "Where it is paid by the unit: image, page, minute of audio.",
                autocomplete: "off",
                optional: true,
                value: value(|task| task.unit.as_ref().map(ToString::to_string)),
                ..Field::default()
            },
        )
    });
    let units = counts.then(|| {
        field(
            state,
            Field {
                name: "day_units",
                label: "Units a day, at most",
                kind: "text",
                class: "num",
                optional: true,
                autocomplete: "off",
                value: value(|task| task.day_units.map(|units| units.to_string())),
                ..Field::default()
            },
        )
    });
    view! {
        {field(state, Field { name: "name", label: "Name", autocomplete: "off", rule: "task-name", value: value(|task| Some(task.name.to_string())), ..Field::default() })}
        <div class="form-row">{paid_by}{unit}</div>
        <div class="form-row">
            {field(state, Field {
                name: "day_hours", label: "Hours a day, at most", class: "num", optional: true, autocomplete: "off", rule: "hours",
                value: value(|task| task.day_minutes.map(|minutes| Hours::of_minutes(minutes).to_string())), ..Field::default()
            })}
            {units}
        </div>
    }
}

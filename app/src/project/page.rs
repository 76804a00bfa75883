use chrono::{Datelike, NaiveDate};
use domain::people::{Permission, Role};
use domain::project::{Member, Project};
use domain::rate::Level;
use engine::Error;
use engine::act::Act;
use engine::project::{Projects, level_on};
use leptos::prelude::*;

use super::frame::{heading, opened, project_tabs};
use crate::ui::Column::{Text, Unsaid};
use crate::ui::{
    Column, Field, FormState, avatar, button_form, field, form, icon, in_app, load, on_day, select, table,
    today,
};
use crate::visit;

const COLUMNS: [Column; 3] = [Text("Name"), Text("Role here"), Unsaid("Actions")];
const WITH_LEVELS: [Column; 5] =
    [Text("Name"), Text("Role here"), Text("Level"), Text("Works on it"), Unsaid("Actions")];

pub fn project_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let projects = expect_context::<Projects>();
    let project = opened(&act).await?;
    let members = projects.members(&act, project.id).await?;
    let sees_pay = act.may(Permission::SeePay);
    let levels = if sees_pay { projects.levels(&act, project.id).await? } else { Vec::new() };
    let today = today(act.at);
    let columns: &[Column] = if sees_pay { &WITH_LEVELS } else { &COLUMNS };
    let rows: Vec<_> = members
        .iter()
        .map(|member| {
            let level = || {
                level_on(&levels, member.person_id, today).map_or_else(|| "–".to_owned(), Level::to_string)
            };
            row(&act, &project, member, sees_pay.then(level))
        })
        .collect();
    let table = if rows.is_empty() {
        view! { <div class="card"><div class="empty">{icon("users")}<h2>"Nobody works on this yet"</h2><p>"Add the first person by their email address."</p></div></div> }.into_any()
    } else {
        table("table", "Members", columns, rows).into_any()
    };
    let content = view! {
        {project_tabs(&act, &project, "")}
        <section class="section" aria-label="Members">{table}</section>
        {act.may(Permission::ManageMembers).then(|| add(&project))}
        {act.may(Permission::SeeTimesheets).then(|| export(&project, today))}
    };
    Ok(in_app(heading(&act, &project), content))
}

/// What was entered, as a table; the month until today, unless somebody says otherwise.
fn export(project: &Project, today: NaiveDate) -> impl IntoView + use<> {
    let first = today.with_day(1).unwrap_or(today);
    let day = |name: &'static str, label: &'static str, value: NaiveDate| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input class="input" id=name name=name type="date" required="" value=value.to_string() />
            </div>
        }
    };
    view! {
        <section class="section" aria-labelledby="export">
            <h2 id="export">"Timesheets as a table"</h2>
            <p class="muted">"Every line of this project in these days, with its state. The file can be read in again under Timesheet, From files."</p>
            <form class="filters" method="get" action="/timesheet/export.csv">
                <input type="hidden" name="project" value=project.id.to_string() />
                {day("from", "From", first)} {day("until", "Until", today)}
                <button class="button">{icon("download")}"Download (CSV)"</button>
            </form>
        </section>
    }
}

fn row(act: &Act, project: &Project, member: &Member, level: Option<String>) -> impl IntoView + use<> {
    let name = member.name.to_string();
    let title = if act.may(Permission::SeePeople) {
        view! { <a class="row-link truncate" href=format!("/people/{}", member.person_id)>{name.clone()}</a> }
            .into_any()
    } else {
        view! { <span class="truncate strong">{name.clone()}</span> }.into_any()
    };
    let remove = act.may(Permission::ManageMembers).then(|| {
        let hidden = vec![("id", project.id.to_string()), ("person", member.person_id.to_string())];
        let label = format!("Remove {name} from {}", project.code);
        button_form(
            "remove_member",
            hidden,
            view! { <button class="icon-button danger" aria-label=label>{icon("x")}</button> },
        )
    });
    let assignment = level.map(|level| {
        view! { <td data-label="Level">{level}</td><td data-label="Works on it">{days(member)}</td> }
    });
    let edit = act.may(Permission::ManagePay).then(|| {
        let href = format!("/projects/{}/members/{}", project.id, member.person_id);
        let label = format!("Level and days of {name}");
        view! { <a class="icon-button" href=href aria-label=label>{icon("pencil")}</a> }
    });
    let timesheet = act.may(Permission::SeeTimesheets).then(|| {
        let href = format!("/timesheet?person={}", member.person_id);
        view! { <a class="icon-button" href=href aria-label=format!("Timesheet of {name}")>{icon("clock")}</a> }
    });
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    {avatar(&name, &member.person_id.to_string(), "")}
                    <span class="grow">{title}<span class="sub truncate">{member.email.to_string()}</span></span>
                </span>
            </th>
            <td data-label="Role here">{member.role.label()}</td>
            {assignment}
            <td class="fit has-actions"><span class="row-actions">{timesheet}{edit}{remove}</span></td>
        </tr>
    }
}

fn days(member: &Member) -> AnyView {
    match (member.starts_on, member.ends_on) {
        (None, None) => "always".into_any(),
        (Some(start), None) => view! { "from " {on_day(start)} }.into_any(),
        (None, Some(end)) => view! { "until " {on_day(end)} }.into_any(),
        (Some(start), Some(end)) => view! { {on_day(start)} " to " {on_day(end)} }.into_any(),
    }
}

fn add(project: &Project) -> impl IntoView + use<> {
    let state = FormState::of("set_member");
    let roles = [Role::Annotator, Role::Reviewer, Role::Manager]
        .map(|role| (role.word().to_owned(), role.label().to_owned()));
    let inside = view! {
        <input type="hidden" name="id" value=project.id.to_string() />
        <div class="form-row">
            {field(&state, Field { name: "email", label: "Email address", kind: "email", rule: "email", autocomplete: "off", ..Field::default() })}
            {select(&state, Field { name: "role", label: "Role here", value: "annotator".to_owned(), ..Field::default() }, roles)}
        </div>
        <div class="form-actions"><button class="button">{icon("user-plus")}"Add"</button></div>
    };
    view! {
        <section class="section" aria-labelledby="add">
            <h2 id="add">"Add somebody, or change their role"</h2>
            {form(&state, inside)}
        </section>
    }
}

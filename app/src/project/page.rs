use domain::Fault;
use domain::ids::ProjectId;
use domain::people::{Permission, Role};
use domain::project::{Member, Project};
use engine::Error;
use engine::project::Projects;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::list::status_tag;
use crate::ui::Column::{Text, Unsaid};
use crate::ui::{
    Column, Field, FormState, Heading, avatar, button_form, date, field, form, icon, in_app, load, select,
    table,
};
use crate::visit;

const COLUMNS: [Column; 3] = [Text("Name"), Text("Role here"), Unsaid("Actions")];

pub fn project_page() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    load(content(id))
}

async fn content(id: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id: ProjectId = id.parse().map_err(|_| Fault::not_found("There is no such project."))?;
    let projects = expect_context::<Projects>();
    let project = projects.get(&act, id).await?;
    let members = projects.members(&act, id).await?;
    let may_staff = act.may(Permission::ManageMembers);
    let see_people = act.may(Permission::SeePeople);
    let rows: Vec<_> = members.iter().map(|member| row(&project, member, may_staff, see_people)).collect();
    let table = if rows.is_empty() {
        view! { <div class="card"><div class="empty">{icon("users")}<h3>"Nobody works on this yet"</h3><p>"Add the first person by their email address."</p></div></div> }.into_any()
    } else {
        view! {
            {table("table", "Members", &COLUMNS, rows)}
        }
        .into_any()
    };
    let content = view! {
        <section class="section" aria-labelledby="members">
            <h2 id="members">"Members"</h2>
            {table}
        </section>
        {may_staff.then(|| add(&project))}
    };
    let edit = act.may(Permission::ManageProjects).then(|| {
        view! { <a class="button" href=format!("/projects/{id}/edit")>{icon("pencil")}"Edit"</a> }.into_any()
    });
    let what = format!("{} · {} · paid in {}", project.code, project.client, project.currency);
    let heading = Heading {
        title: project.name.to_string(),
        beside: Some(status_tag(project.status).into_any()),
        sub: Some(view! { {what} " · since " {date(project.created_at)} }.into_any()),
        above: Some(("Projects", "/projects")),
        actions: edit,
        narrow: false,
    };
    Ok(in_app(heading, content))
}

fn row(project: &Project, member: &Member, may_staff: bool, see_people: bool) -> impl IntoView + use<> {
    let name = member.name.to_string();
    let title = if see_people {
        view! { <a class="row-link truncate" href=format!("/people/{}", member.person_id)>{name.clone()}</a> }
            .into_any()
    } else {
        view! { <span class="truncate strong">{name.clone()}</span> }.into_any()
    };
    let remove = may_staff.then(|| {
        let hidden = vec![("id", project.id.to_string()), ("person", member.person_id.to_string())];
        let label = format!("Remove {name} from {}", project.code);
        button_form(
            "remove_member",
            hidden,
            view! { <button class="icon-button danger" aria-label=label>{icon("x")}</button> },
        )
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
            <td class="fit has-actions"><span class="row-actions">{remove}</span></td>
        </tr>
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

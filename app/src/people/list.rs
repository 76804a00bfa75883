use domain::people::{Permission, Person, Role, Status};
use engine::Error;
use engine::people::{Filter, People};
use leptos::prelude::*;

use crate::ui::Column::Text;
use crate::ui::filters::{filters, pick, search};
use crate::ui::{
    Column, Heading, ago, avatar, empty, filter_query, icon, in_app, load, pager, person_tag, shown, table,
};
use crate::visit::{self, query};

const COLUMNS: [Column; 5] =
    [Text("Name"), Text("Roles"), Text("Time zone"), Text("Last seen"), Text("Status")];

const PAGE: usize = 50;

pub fn list_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let (text, role, status) = (query("q"), query("role"), query("status"));
    let after = query("after").and_then(|id| id.parse().ok());
    let filter = Filter {
        text: text.clone(),
        role: role.as_deref().and_then(Role::parse),
        status: status.as_deref().and_then(Status::parse),
        after,
    };
    let page = expect_context::<People>().list(&act, &filter, PAGE).await?;
    let (text, role, status) =
        (text.unwrap_or_default(), role.unwrap_or_default(), status.unwrap_or_default());
    let kept = filter_query(&[("q", &text), ("role", &role), ("status", &status)]);
    let may_invite = act.may(Permission::ManagePeople);

    let list = if page.rows.is_empty() && kept.is_empty() {
        let action = view! { <a class="button primary" href="/people/invite">{icon("user-plus")}"Invite a person"</a> };
        empty(
            "users",
            "Nobody here yet",
            "Invite the first people by name, or many at once from a CSV file.",
            action,
        )
        .into_any()
    } else if page.rows.is_empty() {
        let action = view! { <a class="button" href="/people">"Show everybody"</a> };
        empty(
            "users",
            "Nobody fits this filter",
            "Try part of a name or an address, or another role.",
            action,
        )
        .into_any()
    } else {
        let shown = shown(page.rows.len(), page.has_more, "One person", "people");
        let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.id));
        let rows: Vec<_> = page.rows.iter().map(|person| row(person, act.at)).collect();
        view! {
            {table("table", "People, sorted by name", &COLUMNS, rows)}
            {pager(shown, &kept, after.is_some(), next)}
        }
        .into_any()
    };
    let actions = may_invite.then(|| {
        view! {
            <a class="button" href="/people/import">{icon("upload")}"Invite from CSV"</a>
            <a class="button primary" href="/people/invite">{icon("user-plus")}"Invite a person"</a>
        }
        .into_any()
    });
    let heading = Heading { title: "People".to_owned(), actions, ..Heading::default() };
    let roles = Role::ALL.iter().map(|role| (role.word(), role.label()));
    let statuses = Status::ALL.iter().map(|status| (status.word(), status.label()));
    let inside = view! {
        {search("q", "Search", "Name or email", &text)}
        {pick("role", "Role", roles, &role)}
        {pick("status", "Status", statuses, &status)}
    };
    let filters = filters("Filter people", "/people", !kept.is_empty(), inside);
    Ok(in_app(heading, view! { {filters} {list} }))
}

fn row(person: &Person, now: chrono::DateTime<chrono::Utc>) -> impl IntoView + use<> {
    let roles: Vec<_> = person.roles.iter().map(Role::label).collect();
    let id = person.id.to_string();
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    {avatar(person.name.as_str(), &id, "")}
                    <span class="grow">
                        <a class="row-link truncate" href=format!("/people/{id}")>{person.name.to_string()}</a>
                        <span class="sub truncate">{person.email.to_string()}</span>
                    </span>
                </span>
            </th>
            <td data-label="Roles" class="wide">{roles.join(", ")}</td>
            <td data-label="Time zone">{person.zone.to_string().replace('_', " ")}</td>
            <td data-label="Last seen">
                {match person.seen_at {
                    Some(at) => ago(at, now).into_any(),
                    None => view! { <span class="muted">"never"</span> }.into_any(),
                }}
            </td>
            <td data-label="Status">{person_tag(person)}</td>
        </tr>
    }
}

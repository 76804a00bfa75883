use domain::people::{Permission, Person, Role, Status};
use engine::Error;
use engine::people::{Filter, People};
use leptos::prelude::*;

use crate::ui::{Heading, ago, avatar, empty, filter_query, icon, in_app, load, pager, person_tag};
use crate::visit::{self, query};

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
        let shown = match (page.rows.len(), page.has_more) {
            (1, _) => "One person".to_owned(),
            (n, true) => format!("{n} people, more follow"),
            (n, false) => format!("{n} people"),
        };
        let first = after.map(|_| format!("?{kept}"));
        let next = page.has_more.then(|| page.rows.last().map(|last| format!("?{kept}&after={}", last.id)));
        let rows: Vec<_> = page.rows.iter().map(|person| row(person, act.at)).collect();
        view! {
            <div class="table-wrap">
                <table class="table">
                    <caption class="sr-only">"People, sorted by name"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Roles"</th>
                            <th scope="col">"Time zone"</th>
                            <th scope="col">"Last seen"</th>
                            <th scope="col">"Status"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {pager(shown, first, next.flatten())}
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
    Ok(in_app(heading, view! { {filters(&text, &role, &status)} {list} }))
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

fn filters(text: &str, role: &str, status: &str) -> impl IntoView + use<> {
    let option = |word: &'static str, label: &'static str, chosen: &str| {
        let selected = word == chosen;
        view! { <option value=word selected=selected>{label}</option> }
    };
    let roles: Vec<_> = Role::ALL.iter().map(|r| option(r.word(), r.label(), role)).collect();
    let statuses: Vec<_> = Status::ALL.iter().map(|s| option(s.word(), s.label(), status)).collect();
    let used = !(text.is_empty() && role.is_empty() && status.is_empty());
    let clear = used.then(|| view! { <a class="button quiet" href="/people">"Clear"</a> });
    view! {
        <form class="filters" method="get" role="search" aria-label="Filter people">
            <div class="field search">
                <label for="q">"Search"</label>
                <div class="input-group">
                    {icon("search")}
                    <input class="input" id="q" name="q" type="search" placeholder="Name or email" value=text.to_owned() />
                </div>
            </div>
            <div class="field">
                <label for="role">"Role"</label>
                <select class="input" id="role" name="role"><option value="">"Any"</option>{roles}</select>
            </div>
            <div class="field">
                <label for="status">"Status"</label>
                <select class="input" id="status" name="status"><option value="">"Any"</option>{statuses}</select>
            </div>
            <button class="button">"Filter"</button>
            {clear}
        </form>
    }
}

use domain::Fault;
use domain::ids::PersonId;
use domain::people::{Permission, Person, Role, Status, Zone};
use engine::Error;
use engine::audit::{Audit, Filter};
use engine::people::People;
use engine::project::{Filter as ProjectFilter, Projects};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::InvitedView;
use super::invite::{link_note, role_choices};
use super::session_list;
use crate::audit::latest_lines;
use crate::project::short_list;
use crate::ui::{
    Field, FormState, Heading, ago, button_form, choices, date, facts, field, form, icon, in_app, load,
    person_tag, select,
};
use crate::visit;

pub fn person_page() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    load(content(id))
}

async fn content(id: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id: PersonId = id.parse().map_err(|_| Fault::not_found("There is no such person."))?;
    let person = expect_context::<People>().get(&act, id).await?;
    let may_manage = act.may(Permission::ManagePeople);
    let projects = expect_context::<Projects>()
        .list(&act, &ProjectFilter { of: Some(id), ..ProjectFilter::default() }, 50)
        .await?;
    let filter =
        Filter { thing: Some("person".to_owned()), thing_id: Some(id.to_string()), ..Filter::default() };
    let history = expect_context::<Audit>().page(&act, &filter, 8).await?;
    let sessions = if may_manage {
        let sessions = expect_context::<People>().sessions(&act, id).await?;
        Some(session_list(id, "Where they are signed in", &sessions, &act))
    } else {
        None
    };

    let link = FormState::of("new_link").outcome::<InvitedView>().map(|link| {
        let what =
            if person.status == Status::Invited { "is invited again" } else { "can choose a new password" };
        link_note(&link, what)
    });
    let projects = if projects.rows.is_empty() {
        view! { <p class="muted">"On no project yet."</p> }.into_any()
    } else {
        view! { <div class="card">{short_list(&projects.rows)}</div> }.into_any()
    };
    let roles: Vec<_> = person.roles.iter().map(Role::label).collect();
    let seen = person.seen_at.map_or_else(|| "never".into_any(), |at| ago(at, act.at).into_any());
    let mut known = vec![
        ("Last seen", seen),
        ("Two-step sign-in", if person.two_step { "On" } else { "Off" }.into_any()),
        ("Here since", date(person.created_at).into_any()),
    ];
    if !may_manage {
        // Whoever may change these sees them in the form.
        known.insert(0, ("Roles", roles.join(", ").into_any()));
        known.insert(1, ("Time zone", person.zone.to_string().replace('_', " ").into_any()));
    }
    let aside = facts(known);
    let content = view! {
        {link}
        <div class="split">
            <aside aria-label="About this person">{aside}</aside>
            <div class="stack">
                {may_manage.then(|| edit(&person))}
                {sessions}
                <section class="section" aria-labelledby="projects">
                    <h2 id="projects">"Projects"</h2>
                    {projects}
                </section>
                <section class="section" aria-labelledby="history">
                    <div class="section-header">
                        <h2 id="history">"History"</h2>
                        <a href=format!("/audit?thing=person&id={id}")>"All"</a>
                    </div>
                    <div class="audit"><ol class="audit-list">{latest_lines(&history.rows, act.at)}</ol></div>
                </section>
            </div>
        </div>
        {(may_manage && person.two_step && person.id != act.person()?.id).then(|| confirm_one_step(&person))}
        {(may_manage && person.status != Status::Disabled).then(|| confirm_disable(&person))}
    };
    let heading = Heading {
        title: person.name.to_string(),
        beside: Some(person_tag(&person).into_any()),
        sub: Some(person.email.to_string().into_any()),
        above: Some(("People", "/people")),
        actions: may_manage.then(|| actions(&person).into_any()),
        narrow: false,
    };
    Ok(in_app(heading, content))
}

fn edit(person: &Person) -> impl IntoView + use<> {
    let state = FormState::of("change_person");
    let zones = Zone::choices().map(|zone| (zone.to_owned(), zone.replace('_', " ")));
    let inside = view! {
        <input type="hidden" name="id" value=person.id.to_string() />
        <input type="hidden" name="version" value=state.value("version", &person.version.to_string()) />
        {field(&state, Field { name: "name", label: "Name", value: person.name.to_string(), rule: "person-name", autocomplete: "off", ..Field::default() })}
        {choices(&state, "roles", "Roles", role_choices(person.roles))}
        {select(&state, Field { name: "zone", label: "Time zone", value: person.zone.to_string(), ..Field::default() }, zones)}
        <div class="form-actions"><button class="button primary">"Save"</button></div>
    };
    view! {
        <section class="section" aria-labelledby="details">
            <h2 id="details">"Details"</h2>
            {form(&state, inside)}
        </section>
    }
}

fn actions(person: &Person) -> impl IntoView + use<> {
    let id = || vec![("id", person.id.to_string())];
    let link = match person.status {
        Status::Invited => Some("New invitation link"),
        Status::Active => Some("Password reset link"),
        Status::Disabled => None,
    };
    let link = link.map(|words| {
        button_form("new_link", id(), view! { <button class="button">{icon("link")}{words}</button> })
    });
    let status = if person.status == Status::Disabled {
        button_form("enable_person", id(), view! { <button class="button primary">"Enable"</button> })
            .into_any()
    } else {
        view! { <a class="button danger-quiet" href="#disable">{icon("ban")}"Disable"</a> }.into_any()
    };
    view! { {link}{status} }
}

fn confirm_one_step(person: &Person) -> impl IntoView + use<> {
    let words = "Two-step sign-in is turned off for them and they are signed out everywhere. Make sure that it is them who ask.";
    let button = view! { <button class="button danger">"Turn it off for them"</button> };
    confirm("one-step", "They have lost their phone", words, "reset_two_step", person, button)
}

fn confirm_disable(person: &Person) -> impl IntoView + use<> {
    let words = "They are signed out everywhere at once, and their links and tokens stop working. What they did stays.";
    let button = view! { <button class="button danger">{icon("ban")}"Disable now"</button> };
    confirm("disable", "Disable this person", words, "disable_person", person, button)
}

/// Asked for once more, at the end of the page: without a script a dialog could not be opened everywhere.
fn confirm<B: IntoView + 'static>(
    id: &'static str,
    title: &'static str,
    words: &'static str,
    action: &'static str,
    person: &Person,
    button: B,
) -> impl IntoView + use<B> {
    let (title_id, labelled_by) = (format!("{id}-title"), format!("{id}-title"));
    view! {
        <section class="card" id=id aria-labelledby=labelled_by>
            <div class="card-header">
                <div>
                    <h2 id=title_id>{title}</h2>
                    <p class="sub">{words}</p>
                </div>
                {button_form(action, vec![("id", person.id.to_string())], button)}
            </div>
        </section>
    }
}

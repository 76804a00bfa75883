use domain::people::{Permission, Role};
use engine::Error;
use leptos::prelude::*;

use super::InvitedView;
use crate::ui::{Field, FormState, Heading, banner, choices, field, form, in_app, load, secret};
use crate::visit;

pub fn invite_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManagePeople)?;
    let state = FormState::of("invite_person");
    let heading = Heading {
        title: "Invite a person".to_owned(),
        above: Some(("People", "/people")),
        narrow: true,
        ..Heading::default()
    };
    if let Some(invited) = state.outcome::<InvitedView>() {
        return Ok(in_app(heading, done(&invited)));
    }
    let content = form(
        &state,
        view! {
            {field(&state, Field { name: "name", label: "Name", rule: "person-name", focus: true, autocomplete: "off", ..Field::default() })}
            {field(&state, Field {
                name: "email",
                label: "Email address",
                hint: "They sign in with it.",
                kind: "email",
                rule: "email",
                autocomplete: "off",
                ..Field::default()
            })}
            {choices(&state, "roles", "Roles", role_choices(domain::people::Roles::of(&[Role::Annotator])))}
            <div class="form-actions ruled">
                <button class="button primary">"Make the invitation"</button>
                <a class="button quiet" href="/people">"Cancel"</a>
            </div>
        },
    );
    Ok(in_app(heading, content))
}

/// The roles as cards to tick.
pub fn role_choices(ticked: domain::people::Roles) -> Vec<(&'static str, &'static str, &'static str, bool)> {
    Role::ALL.iter().map(|role| (role.word(), role.label(), role.hint(), ticked.has(*role))).collect()
}

fn done(invited: &InvitedView) -> impl IntoView + use<> {
    view! {
        {link_note(invited, "is invited")}
        <div class="form-actions">
            <a class="button primary" href="/people/invite">"Invite another"</a>
            <a class="button" href=format!("/people/{}", invited.id)>"Open their page"</a>
            <a class="button quiet" href="/people">"Back to people"</a>
        </div>
    }
}

/// The link of an invitation or a reset, to be copied now.
pub fn link_note(invited: &InvitedView, what: &str) -> impl IntoView + use<> {
    let way = if invited.mailed {
        format!(
            "The link is being mailed to {}. If it does not arrive, copy it here and pass it on yourself.",
            invited.email
        )
    } else {
        format!("Copy the link now and pass it on to {}: it is shown only this once.", invited.email)
    };
    let title = format!("{} {what}.", invited.name);
    view! {
        <div class="stack">
            {banner("ok", view! { <strong>{title}</strong> " " {way} })}
            {secret("One-time link", &invited.link)}
            <p class="muted">"It works once. A newer link makes this one worthless."</p>
        </div>
    }
}

//! The pages that one-time links lead to.

use domain::people::Zone;
use engine::Error;
use engine::people::{LinkKind, People};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::profile::new_password;
use crate::ui::{Field, FormState, GuessZone, field, form, load, plain, select};
use crate::visit;

fn secret() -> String {
    use_params_map().with_untracked(|params| params.get("secret")).unwrap_or_default()
}

pub fn set_up_page() -> impl IntoView {
    load(set_up(secret()))
}

pub fn invitation_page() -> impl IntoView {
    load(invitation(secret()))
}

pub fn reset_page() -> impl IntoView {
    load(reset(secret()))
}

fn zone_field(state: &FormState, zone: &str) -> impl IntoView + use<> {
    let zones = Zone::choices().map(|zone| (zone.to_owned(), zone.replace('_', " ")));
    let field = Field {
        name: "zone",
        label: "Time zone",
        hint: "Your days are counted by its clock.",
        value: zone.to_owned(),
        ..Field::default()
    };
    view! {
        {select(state, field, zones)}
        <GuessZone list="zone".to_owned() unless_changed_from="UTC".to_owned() />
    }
}

async fn set_up(secret: String) -> Result<AnyView, Error> {
    expect_context::<People>().open_link(&visit::act()?, LinkKind::Setup, &secret).await?;
    let state = FormState::of("set_up");
    let inside = view! {
        <input type="hidden" name="secret" value=secret />
        {field(&state, Field { name: "name", label: "Your name", rule: "person-name", autocomplete: "name", focus: true, ..Field::default() })}
        {field(&state, Field { name: "email", label: "Email address", hint: "You sign in with it.", kind: "email", rule: "email", autocomplete: "username", ..Field::default() })}
        {zone_field(&state, "UTC")}
        {new_password(&state, "Password")}
        <div class="form-actions"><button class="button primary large block">"Begin"</button></div>
    };
    let content = view! {
        <header>
            <h1>"Welcome to Countersign"</h1>
            <p>"You are the first one here, and become its admin. Everybody else you can invite from inside."</p>
        </header>
        {form(&state, inside)}
    };
    Ok(plain("Set-up", content))
}

async fn invitation(secret: String) -> Result<AnyView, Error> {
    let link = expect_context::<People>().open_link(&visit::act()?, LinkKind::Invite, &secret).await?;
    let (name, email, zone) = link.person.map_or_else(Default::default, |person| {
        (person.name.to_string(), person.email.to_string(), person.zone.to_string())
    });
    let state = FormState::of("accept_invitation");
    let inside = view! {
        <input type="hidden" name="secret" value=secret />
        <input type="hidden" name="username" value=email.clone() autocomplete="username" />
        {field(&state, Field { name: "name", label: "Your name", value: name, rule: "person-name", autocomplete: "name", ..Field::default() })}
        {zone_field(&state, &zone)}
        {new_password(&state, "Choose a password")}
        <div class="form-actions"><button class="button primary large block">"Join"</button></div>
    };
    let content = view! {
        <header><h1>"You are invited"</h1><p>"You will sign in as " <strong>{email}</strong> "."</p></header>
        {form(&state, inside)}
    };
    Ok(plain("Invitation", content))
}

async fn reset(secret: String) -> Result<AnyView, Error> {
    let link = expect_context::<People>().open_link(&visit::act()?, LinkKind::Reset, &secret).await?;
    let email = link.person.map(|person| person.email.to_string()).unwrap_or_default();
    let state = FormState::of("reset_password");
    let inside = view! {
        <input type="hidden" name="secret" value=secret />
        <input type="hidden" name="username" value=email.clone() autocomplete="username" />
        {new_password(&state, "New password")}
        <div class="form-actions"><button class="button primary large block">"Keep it"</button></div>
    };
    let content = view! {
        <header><h1>"Choose a new password"</h1><p>"For " <strong>{email}</strong> ". Every session of yours ends."</p></header>
        {form(&state, inside)}
    };
    Ok(plain("New password", content))
}

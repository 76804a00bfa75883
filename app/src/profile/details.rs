use domain::people::{Role, Zone};
use engine::Error;
use leptos::prelude::*;

use crate::ui::{self, Field, FormState, Heading, facts, field, form, in_app, load, select};
use crate::visit;

pub fn details_page() -> impl IntoView {
    load(content())
}

/// The three pages of a profile.
pub fn tabs(current: &'static str) -> impl IntoView {
    const PAGES: [(&str, &str); 3] =
        [("/profile", "Details"), ("/profile/security", "Security"), ("/profile/tokens", "API tokens")];
    ui::tabs("Profile", &PAGES, current)
}

pub fn heading() -> Heading {
    Heading { title: "Your profile".to_owned(), ..Heading::default() }
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let me = act.person()?.clone();
    let state = FormState::of("change_profile");
    let zones = Zone::choices().map(|zone| (zone.to_owned(), zone.replace('_', " ")));
    let zone = Field {
        name: "zone",
        label: "Time zone",
        hint: "Days and times are shown, and your days are counted, by its clock.",
        value: me.zone.to_string(),
        ..Field::default()
    };
    let inside = view! {
        {field(&state, Field { name: "name", label: "Name", value: me.name.to_string(), rule: "person-name", autocomplete: "name", ..Field::default() })}
        {select(&state, zone, zones)}
        <div class="form-actions"><button class="button primary">"Save"</button></div>
    };
    let roles: Vec<_> = me.roles.iter().map(Role::label).collect();
    let aside = facts(vec![
        ("Email", me.email.to_string().into_any()),
        ("Roles", roles.join(", ").into_any()),
        ("Two-step sign-in", if me.two_step { "On" } else { "Off" }.into_any()),
    ]);
    let content = view! {
        {tabs("/profile")}
        <div class="split">{form(&state, inside)}<aside aria-label="About your account">{aside}</aside></div>
    };
    Ok(in_app(heading(), content))
}

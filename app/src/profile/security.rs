use domain::people::MIN_PASSWORD;
use engine::Error;
use engine::people::{Enrolment, People};
use leptos::prelude::*;

use super::details::{heading, tabs};
use super::qr::qr;
use crate::people::session_list;
use crate::ui::{Field, FormState, banner, button_form, field, form, icon, in_app, load, secret, tag};
use crate::visit;

pub fn security_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let me = act.person()?.clone();
    let people = expect_context::<People>();
    let sessions = people.sessions(&act, me.id).await?;
    let enabling = FormState::of("enable_two_step");
    let codes = enabling.outcome::<Vec<String>>();
    let two_step = match (&codes, me.two_step) {
        (Some(codes), _) => recovery(codes).into_any(),
        (None, true) => turn_off(people.recovery_codes_left(&act).await?).into_any(),
        (None, false) => match people.enrolment(&act).await? {
            Some(enrolment) => enrol(&enabling, Some(&enrolment)).into_any(),
            None => enrol(&enabling, None).into_any(),
        },
    };
    let must = (codes.is_none() && people.must_enrol(&me)).then(|| {
        let words = "Your role needs two-step sign-in. Set it up here to go on.";
        banner("warn", words)
    });
    let content = view! {
        {tabs("/profile/security")}
        <div class="stack">
            {must}
            {two_step}
            {password()}
            {session_list(me.id, "Where you are signed in", &sessions, &act)}
        </div>
    };
    Ok(in_app(heading(), content))
}

/// The card before two-step sign-in is on: a button to begin with, then the secret and a place for the first code.
fn enrol(state: &FormState, enrolment: Option<&Enrolment>) -> impl IntoView + use<> {
    let body = match enrolment {
        None => {
            let button = view! { <button class="button primary">{icon("smartphone")}"Set it up"</button> };
            button_form("begin_two_step", Vec::new(), button).into_any()
        }
        Some(enrolment) => enrolling(state, enrolment).into_any(),
    };
    view! {
        <section class="card" aria-labelledby="two-step">
            <div class="card-header">
                <div>
                    <h2 id="two-step">"Two-step sign-in"</h2>
                    <p class="sub">"A code from your phone, besides the password."</p>
                </div>
                {tag("neutral", "Off")}
            </div>
            <div class="card-body">{body}</div>
        </section>
    }
}

fn enrolling(state: &FormState, enrolment: &Enrolment) -> impl IntoView + use<> {
    let inside = view! {
        <div class="qr-row">
            {qr(&enrolment.url)}
            <div class="stack">
                <p>"Scan this with an authenticator app, or type the key into it:"</p>
                {secret("Key for your authenticator app", &enrolment.secret)}
                {field(state, Field {
                    name: "code", label: "Code from the app", class: "code", autocomplete: "one-time-code", ..Field::default()
                })}
            </div>
        </div>
        <div class="form-actions">
            <button class="button primary">"Turn on"</button>
            <span class="muted">"You will get ten recovery codes."</span>
        </div>
    };
    form(state, inside)
}

fn recovery(codes: &[String]) -> impl IntoView + use<> {
    let codes: Vec<_> = codes.iter().map(|code| view! { <li>{code.clone()}</li> }).collect();
    view! {
        <section class="card" aria-labelledby="two-step">
            <div class="card-header"><h2 id="two-step">"Your recovery codes"</h2>{tag("ok", "On")}</div>
            <div class="card-body stack">
                {banner("warn", view! { <strong>"Keep these somewhere safe now."</strong> " Each signs you in once without your phone. They are not shown again." })}
                <ol class="codes">{codes}</ol>
            </div>
            <div class="card-footer"><a class="button primary" href="/profile/security">"I have kept them"</a></div>
        </section>
    }
}

fn turn_off(left: i64) -> impl IntoView {
    let state = FormState::of("disable_two_step");
    let inside = view! {
        {field(&state, Field { name: "password", label: "Your password", kind: "password", autocomplete: "current-password", ..Field::default() })}
        <div class="form-actions"><button class="button danger-quiet">"Turn off"</button></div>
    };
    view! {
        <section class="card" aria-labelledby="two-step">
            <div class="card-header">
                <div>
                    <h2 id="two-step">"Two-step sign-in"</h2>
                    <p class="sub">{format!("{left} recovery codes are left.")}</p>
                </div>
                {tag("ok", "On")}
            </div>
            <div class="card-body">
                <details>
                    <summary>"Turn it off, or start again with another phone"</summary>
                    {form(&state, inside)}
                </details>
            </div>
        </section>
    }
}

fn password() -> impl IntoView {
    let state = FormState::of("change_password");
    let inside = view! {
        {field(&state, Field { name: "current", label: "Password you have now", kind: "password", autocomplete: "current-password", ..Field::default() })}
        {new_password(&state, "New password")}
        <div class="form-actions"><button class="button primary">"Change password"</button></div>
    };
    view! {
        <section class="card" aria-labelledby="password-title">
            <div class="card-header">
                <div>
                    <h2 id="password-title">"Password"</h2>
                    <p class="sub">"Every other session ends when you change it."</p>
                </div>
            </div>
            <div class="card-body">{form(&state, inside)}</div>
        </section>
    }
}

/// The field of a password somebody chooses, wherever they do.
pub fn new_password(state: &FormState, label: &'static str) -> impl IntoView + use<> {
    const HINT: &str =
        "At least 10 characters. Four or five unrelated words are easy to keep and hard to guess.";
    const { assert!(MIN_PASSWORD == 10, "the hint names the number") };
    field(
        state,
        Field {
            name: "password",
            label,
            hint: HINT,
            kind: "password",
            rule: "password",
            autocomplete: "new-password",
            ..Field::default()
        },
    )
}

use domain::people::MIN_PASSWORD;
use engine::Error;
use engine::act::Act;
use engine::people::{Enrolment, People, SessionRow};
use leptos::prelude::*;

use super::details::{heading, tabs};
use super::qr::qr;
use crate::ui::{Field, FormState, ago, banner, button_form, field, form, icon, in_app, load, secret, tag};
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
        (None, false) => enrol(&enabling, &people.enrolment(&act).await?).into_any(),
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
            {session_list(&sessions, &act)}
        </div>
    };
    Ok(in_app(heading(), content))
}

fn enrol(state: &FormState, enrolment: &Enrolment) -> impl IntoView + use<> {
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
    view! {
        <section class="card" aria-labelledby="two-step">
            <div class="card-header">
                <div>
                    <h2 id="two-step">"Two-step sign-in"</h2>
                    <p class="sub">"A code from your phone, besides the password."</p>
                </div>
                {tag("neutral", "Off")}
            </div>
            <div class="card-body">{form(state, inside)}</div>
        </section>
    }
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

fn session_list(sessions: &[SessionRow], act: &Act) -> impl IntoView + use<> {
    let this = visit::session_hash().unwrap_or_default();
    let count = sessions.len();
    let rows: Vec<_> = sessions
        .iter()
        .map(|session| {
            let is_this = session.id_hash == this;
            let name = device(&session.agent);
            let address = if session.address.is_empty() {
                "unknown address".to_owned()
            } else {
                session.address.clone()
            };
            let end = (!is_this).then(|| {
                let label = format!("Sign out {name}");
                let button = view! { <button class="button small" aria-label=label>"Sign out"</button> };
                button_form("end_session", vec![("session", session.id_hash.clone())], button)
            });
            view! {
                <li>
                    {icon(if session.agent.contains("Mobile") { "smartphone" } else { "laptop" })}
                    <div class="grow">
                        <p class="title">{name.clone()} " " {is_this.then(|| tag("ok", "This session"))}</p>
                        <p class="sub">{address} " · " {ago(session.seen_at, act.at)}</p>
                    </div>
                    {end}
                </li>
            }
        })
        .collect();
    let others = (count > 1).then(|| {
        button_form(
            "end_other_sessions",
            vec![],
            view! { <button class="button small">"Sign out all others"</button> },
        )
    });
    view! {
        <section class="card" aria-labelledby="sessions">
            <div class="card-header">
                <div>
                    <h2 id="sessions">"Where you are signed in"</h2>
                    <p class="sub">{if count == 1 { "One session".to_owned() } else { format!("{count} sessions") }}</p>
                </div>
                {others}
            </div>
            <ul class="list">{rows}</ul>
        </section>
    }
}

/// A browser and a system, as far as the user agent tells.
fn device(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

use domain::{Fault, FaultKind};
use engine::Error;
use engine::people::People;
use leptos::prelude::*;

use crate::ui::{Field, FormState, banner, fault_page, field, form, load, plain};
use crate::visit::{self, query};

pub fn page() -> impl IntoView {
    load(sign_in())
}

pub fn code_page() -> impl IntoView {
    load(code())
}

pub fn forgot_page() -> impl IntoView {
    load(forgot())
}

/// No page has this address.
pub fn nowhere() -> impl IntoView {
    fault_page(&Fault::new(
        FaultKind::NotFound,
        "No page has this address. The link may be old, or a letter of it is missing.",
    ))
}

fn next() -> String {
    let state = FormState::of("sign_in");
    state.value("next", &query("next").unwrap_or_default())
}

async fn sign_in() -> Result<AnyView, Error> {
    if visit::me().is_some() {
        visit::send_on(visit::local_path(&next()));
    }
    let state = FormState::of("sign_in");
    let inside = view! {
        <input type="hidden" name="next" value=next() />
        {field(&state, Field {
            name: "email", label: "Email address", kind: "email", rule: "email", autocomplete: "username", focus: true, ..Field::default()
        })}
        {field(&state, Field { name: "password", label: "Password", kind: "password", autocomplete: "current-password", ..Field::default() })}
        <div class="form-actions"><button class="button primary large block">"Sign in"</button></div>
    };
    let content = view! {
        <header><h1>"Sign in"</h1><p>"Use the account your team gave you."</p></header>
        {form(&state, inside)}
        <p><a href="/forgot">"Forgot your password?"</a></p>
    };
    Ok(plain("Sign in", content))
}

async fn code() -> Result<AnyView, Error> {
    if visit::posted().is_none() && visit::pending_second_step().await?.is_none() {
        visit::send_on("/sign-in");
    }
    let state = FormState::of("second_step");
    let inside = view! {
        <input type="hidden" name="next" value=state.value("next", &query("next").unwrap_or_default()) />
        {field(&state, Field {
            name: "code", label: "Code", hint: "Six digits from your authenticator app, or one of your recovery codes.",
            class: "code", autocomplete: "one-time-code", focus: true, ..Field::default()
        })}
        <div class="form-actions"><button class="button primary large block">"Go on"</button></div>
    };
    let content = view! {
        <header><h1>"Second step"</h1><p>"Your password was right. Now show that your phone is yours."</p></header>
        {form(&state, inside)}
        <p><a href="/sign-in">"Start again"</a></p>
    };
    Ok(plain("Second step", content))
}

async fn forgot() -> Result<AnyView, Error> {
    let back = view! { <p><a href="/sign-in">"Back to signing in"</a></p> };
    if !expect_context::<People>().sends_mail() {
        let words = "This server sends no mail. Ask an admin of your team: they can make a link for you.";
        let content = view! { <header><h1>"Forgot your password?"</h1></header> {banner("", words)} {back} };
        return Ok(plain("Forgot your password?", content));
    }
    let state = FormState::of("forgot");
    let inside = view! {
        {field(&state, Field {
            name: "email", label: "Email address", kind: "email", rule: "email", autocomplete: "username", focus: true, ..Field::default()
        })}
        <div class="form-actions"><button class="button primary large block">"Send me a link"</button></div>
    };
    let content = view! {
        <header><h1>"Forgot your password?"</h1><p>"We mail you a link to choose a new one."</p></header>
        {form(&state, inside)}
        {back}
    };
    Ok(plain("Forgot your password?", content))
}

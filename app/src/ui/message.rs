//! Words to the person: banners, empty lists, pages that say why there is nothing else.

use domain::{Fault, FaultKind};
use leptos::prelude::*;

use super::icon::icon;

/// A note at the top of a page: `ok`, `warn`, `bad`, `neutral`, or nothing for plain information.
pub fn banner(kind: &'static str, content: impl IntoView + 'static) -> impl IntoView {
    let name = match kind {
        "ok" => "circle-check",
        "warn" => "triangle-alert",
        "bad" => "circle-alert",
        _ => "info",
    };
    let role = if kind == "bad" { "alert" } else { "status" };
    view! { <div class=format!("banner {kind}") role=role>{icon(name)}<div>{content.into_any()}</div></div> }
}

/// An empty list says what would be here, and what to do about it.
pub fn empty(
    name: &'static str,
    title: &'static str,
    words: &'static str,
    action: impl IntoView + 'static,
) -> impl IntoView {
    view! {
        <div class="card">
            <div class="empty">{icon(name)}<h2>{title}</h2><p>{words}</p>{action.into_any()}</div>
        </div>
    }
}

/// A page that holds only a fault.
pub fn error_page(fault: &Fault, request_id: &str) -> impl IntoView + use<> {
    let action = match fault.kind {
        FaultKind::SignedOut | FaultKind::Gone => {
            view! { <a class="button primary" href="/sign-in">"Sign in"</a> }.into_any()
        }
        _ => view! { <a class="button primary" href="/">"Go to home"</a> }.into_any(),
    };
    view! {
        <div class="error-page">
            <p class="error-code" aria-hidden="true">{fault.kind.status()}</p>
            <h1>{fault.kind.title()}</h1>
            <p>{fault.message.clone()}</p>
            <div class="row">{action}</div>
            <p class="request-id">"Request " <code>{request_id.to_owned()}</code></p>
        </div>
    }
}

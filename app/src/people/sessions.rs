//! Where somebody is signed in: the same list for its owner and for an admin.

use domain::ids::PersonId;
use engine::act::Act;
use engine::people::SessionRow;
use leptos::prelude::*;

use crate::ui::{ago, button_form, icon, tag};
use crate::visit;

/// The sessions of a person as a card, each but the one at hand with a button that ends it.
pub fn session_list(of: PersonId, title: &'static str, sessions: &[SessionRow], act: &Act) -> AnyView {
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
                let hidden = vec![("person", of.to_string()), ("session", session.id_hash.clone())];
                button_form("end_session", hidden, button)
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
    let holds_this = sessions.iter().any(|session| session.id_hash == this);
    let others = (count > usize::from(holds_this)).then(|| {
        let words = if holds_this { "Sign out all others" } else { "Sign out everywhere" };
        let button = view! { <button class="button small">{words}</button> };
        button_form("end_other_sessions", vec![("person", of.to_string())], button)
    });
    let list = if rows.is_empty() {
        view! { <div class="card-body"><p class="muted">"Nowhere at the moment."</p></div> }.into_any()
    } else {
        view! { <ul class="list">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="sessions">
            <div class="card-header">
                <div>
                    <h2 id="sessions">{title}</h2>
                    <p class="sub">
                        {match count {
                            1 => "One session".to_owned(),
                            n => format!("{n} sessions"),
                        }}
                    </p>
                </div>
                {others}
            </div>
            {list}
        </section>
    }
    .into_any()
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

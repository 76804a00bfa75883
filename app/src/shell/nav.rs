//! The navigation: a column beside the page, or a drawer on a phone. One element, and no script.

use domain::people::Person;
use leptos::prelude::*;

use super::commands::{Group, NOTICES, Place, places};
use crate::notice::unread;
use crate::ui::{avatar, button_form, icon, icon_in};
use crate::visit;

fn brand() -> impl IntoView {
    view! { <a class="brand" href="/"><span class="brand-mark">{icon("mark")}</span>"Countersign"</a> }
}

pub fn mobile_bar() -> impl IntoView {
    view! {
        <header class="topbar">
            <button class="icon-button" type="button" popovertarget="sidebar" aria-label="Open menu">{icon("menu")}</button>
            {brand()}
            <div class="topbar-end">
                <a class="icon-button" href="/notices"><span class="sr-only">{NOTICES}</span>{icon("bell")}{unread()}</a>
                <button class="icon-button js-only" type="button" data-palette-open="" aria-label="Search">{icon("search")}</button>
            </div>
        </header>
    }
}

pub fn sidebar() -> impl IntoView {
    let here = visit::here();
    let path = here.split('?').next().unwrap_or_default().to_owned();
    let links = |group: Group| places().filter(move |place| place.group == group).collect::<Vec<_>>();
    let administration = links(Group::Administration);
    let administration = (!administration.is_empty()).then(|| {
        view! {
            <div>
                <h2 class="nav-heading" id="nav-administration">"Administration"</h2>
                <ul class="nav-list" aria-labelledby="nav-administration">{list(administration, &path)}</ul>
            </div>
        }
    });
    view! {
        <nav class="sidebar" id="sidebar" popover="auto" aria-label="Main">
            <div class="sidebar-head">
                {brand()}
                <button
                    class="icon-button drawer-close"
                    type="button"
                    popovertarget="sidebar"
                    popovertargetaction="hide"
                    aria-label="Close menu"
                >
                    {icon("x")}
                </button>
            </div>
            <button class="nav-search js-only" type="button" data-palette-open="">
                {icon_in("icon small", "search")}
                <span>"Search or jump to…"</span>
                <kbd aria-hidden="true">"Ctrl K"</kbd>
            </button>
            <ul class="nav-list">{list(links(Group::Desk), &path)}</ul>
            {administration.map(IntoAny::into_any)}
            {visit::me().map(|me| account(&me).into_any())}
        </nav>
    }
}

fn list(places: Vec<&'static Place>, path: &str) -> Vec<impl IntoView + use<>> {
    places
        .into_iter()
        .map(|place| {
            let below = place.href != "/" && path.starts_with(&format!("{}/", place.href));
            let current = if place.href == path {
                Some("page")
            } else if below {
                Some("true")
            } else {
                None
            };
            let count = (place.words == NOTICES).then(unread);
            view! {
                <li>
                    <a class="nav-link" href=place.href aria-current=current>{icon(place.icon)}<span>{place.words}</span>{count}</a>
                </li>
            }
        })
        .collect()
}

fn account(me: &Person) -> impl IntoView + use<> {
    let roles: Vec<_> = me.roles.iter().map(domain::people::Role::label).collect();
    let theme = visit::cookie("theme").unwrap_or_default();
    let choice = |value: &'static str, name: &'static str, words: &'static str| {
        let chosen = theme == value || (value == "system" && theme.is_empty());
        view! {
            <button name="theme" value=value aria-pressed=if chosen { "true" } else { "false" }>{icon(name)}{words}</button>
        }
    };
    let themes = view! {
        <div class="segmented" role="group" aria-label="Theme">
            {choice("light", "sun", "Light")} {choice("dark", "moon", "Dark")} {choice("system", "monitor", "Auto")}
        </div>
    };
    view! {
        <div class="sidebar-foot">
            <button class="account-button" type="button" popovertarget="account">
                {avatar(me.name.as_str(), &me.id.to_string(), "")}
                <span class="grow truncate">
                    <span class="strong">{me.name.to_string()}</span>
                    <br />
                    <small class="muted">{roles.join(", ")}</small>
                </span>
                {icon_in("icon small", "chevrons-up-down")}
            </button>
            <div class="menu above" id="account" popover="auto">
                <a class="menu-item" href="/profile">{icon("user")}"Your profile"</a>
                <button class="menu-item js-only" type="button" data-shortcuts-open="">{icon("keyboard")}"Keyboard shortcuts"</button>
                {button_form("set_theme", vec![], themes)}
                <hr />
                {button_form("sign_out", vec![], view! { <button class="menu-item">{icon("log-out")}"Sign out"</button> })}
            </div>
        </div>
    }
}

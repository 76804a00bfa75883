//! The bar above a list that says which of its rows to show. It is a plain form that is sent by GET, so that a filtered
//! list has an address.

use leptos::prelude::*;

use super::icon::icon;

/// A box for words to look for.
pub fn search(
    name: &'static str,
    label: &'static str,
    placeholder: &'static str,
    value: &str,
) -> impl IntoView + use<> {
    view! {
        <div class="field search">
            <label for=name>{label}</label>
            <div class="input-group">
                {icon("search")}
                <input class="input" id=name name=name type="search" placeholder=placeholder value=value.to_owned() />
            </div>
        </div>
    }
}

/// One of some words, or any.
pub fn pick<W: IntoIterator<Item = (&'static str, &'static str)>>(
    name: &'static str,
    label: &'static str,
    words: W,
    chosen: &str,
) -> impl IntoView + use<W> {
    let options: Vec<_> = words
        .into_iter()
        .map(|(word, label)| view! { <option value=word selected=word == chosen>{label}</option> })
        .collect();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="input" id=name name=name><option value="">"Any"</option>{options}</select>
        </div>
    }
}

pub fn day(name: &'static str, label: &'static str, value: &str) -> impl IntoView + use<> {
    view! {
        <div class="field date">
            <label for=name>{label}</label>
            <input class="input" type="date" id=name name=name value=value.to_owned() />
        </div>
    }
}

/// The bar itself, for the list at an address; `used` if it hides anything now.
pub fn filters(label: &'static str, at: &'static str, used: bool, inside: impl IntoView) -> impl IntoView {
    let clear = used.then(|| view! { <a class="button quiet" href=at>"Clear"</a> });
    view! {
        <form class="filters" method="get" role="search" aria-label=label>
            {inside}
            <button class="button">"Filter"</button>
            {clear}
        </form>
    }
}

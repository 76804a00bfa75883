//! Lists that are paged by key.

use leptos::prelude::*;

use super::icon::icon;

/// A query string of the filters in use.
pub fn filter_query(pairs: &[(&str, &str)]) -> String {
    let used: Vec<_> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", crate::visit::percent(value)))
        .collect();
    used.join("&")
}

/// The foot of a list: what is shown, and the way on. `first` leads back to the start, if this is not it.
pub fn pager(words: String, first: Option<String>, next: Option<String>) -> impl IntoView {
    let first = match first {
        Some(href) => {
            view! { <a class="button small" href=href>{icon("chevron-left")}"First page"</a> }.into_any()
        }
        None => ().into_any(),
    };
    let next = match next {
        Some(href) => {
            view! { <a class="button small" rel="next" href=href>"Next"{icon("chevron-right")}</a> }
                .into_any()
        }
        None => ().into_any(),
    };
    view! { <nav class="pager" aria-label="Pages"><p>{words}</p><div class="row">{first}{next}</div></nav> }
}

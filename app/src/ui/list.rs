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

/// How many rows a page of a list shows, in words: `one` and `many` name what they are.
pub fn shown(rows: usize, has_more: bool, one: &str, many: &str) -> String {
    match (rows, has_more) {
        (1, _) => one.to_owned(),
        (n, true) => format!("{n} {many}, more follow"),
        (n, false) => format!("{n} {many}"),
    }
}

/// The foot of a list: what is shown, and the way on with the filter kept. `later` if this is not its first page;
/// `next` is what the address of the next one ends in, like `after=…`.
pub fn pager(words: String, kept: &str, later: bool, next: Option<String>) -> impl IntoView + use<> {
    let first = later.then(|| {
        view! { <a class="button small" href=format!("?{kept}")>{icon("chevron-left")}"First page"</a> }
    });
    let next = next.map(|next| {
        let href = if kept.is_empty() { format!("?{next}") } else { format!("?{kept}&{next}") };
        view! { <a class="button small" rel="next" href=href>"Next"{icon("chevron-right")}</a> }
    });
    view! { <nav class="pager" aria-label="Pages"><p>{words}</p><div class="row">{first}{next}</div></nav> }
}

use leptos::prelude::*;

/// Pages that belong together, each with its address and name, the current one marked.
pub fn tabs(
    label: &'static str,
    pages: &[(&'static str, &'static str)],
    current: &'static str,
) -> impl IntoView + use<> {
    let tabs: Vec<_> = pages
        .iter()
        .map(|&(href, words)| {
            view! { <a href=href aria-current=(href == current).then_some("page")>{words}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=label>{tabs}</nav> }
}

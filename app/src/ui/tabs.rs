use leptos::prelude::*;

/// Pages that belong together, each with its address and name, the current one marked.
pub fn tabs<A: Into<String> + Clone>(
    label: &'static str,
    pages: &[(A, &'static str)],
    current: &str,
) -> impl IntoView + use<A> {
    let tabs: Vec<_> = pages
        .iter()
        .map(|(href, words)| {
            let href: String = href.clone().into();
            view! { <a aria-current=(href == current).then_some("page") href=href>{*words}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=label>{tabs}</nav> }
}

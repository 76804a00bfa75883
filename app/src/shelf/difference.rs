//! A unified diff as people read it: what went is struck, what came is marked, and colour is never the only sign.

use leptos::prelude::*;

pub fn difference(unified: &str) -> impl IntoView + use<> {
    let lines: Vec<_> = unified
        .lines()
        .map(|line| match line.chars().next() {
            Some('+') => view! { <ins>{line.to_owned()}"\n"</ins> }.into_any(),
            Some('-') => view! { <del>{line.to_owned()}"\n"</del> }.into_any(),
            Some('@') => view! { <span class="muted">{line.to_owned()}"\n"</span> }.into_any(),
            _ => view! { <span>{line.to_owned()}"\n"</span> }.into_any(),
        })
        .collect();
    view! { <pre class="code difference" tabindex="0">{lines}</pre> }
}

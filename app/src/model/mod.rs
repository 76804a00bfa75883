//! The registry of models and prompts: what is known of each, and which version of it.

mod models;
mod prompts;

use leptos::prelude::*;

use crate::ui;

pub use models::{model_page, models_page};
pub use prompts::{prompt_page, prompts_page};

const PAGE: usize = 50;

fn tabs(current: &'static str) -> impl IntoView {
    const PAGES: [(&str, &str); 2] = [("/models", "Models"), ("/prompts", "Prompts")];
    ui::tabs("Registry", &PAGES, current)
}

/// The way to a file of this kind, for whoever may apply one.
fn apply(words: &'static str, of: &'static str) -> impl IntoView {
    let href = format!("/workflows/apply?of={of}");
    view! { <a class="button primary" href=href>{ui::icon("upload")}{words}</a> }
}

/// The way to its next version.
fn next_version(of: &str, name: &str) -> impl IntoView + use<> {
    let href = format!("/workflows/apply?of={of}&from={name}");
    view! { <a class="button" href=href>{ui::icon("pencil")}"New version"</a> }
}

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;

/// The files of the site by their plain name, each with the name it is served under, which holds its hash.
#[derive(Clone, Debug, Default)]
pub struct Assets(Arc<HashMap<String, String>>);

impl Assets {
    pub fn new(names: HashMap<String, String>) -> Self {
        Self(Arc::new(names))
    }

    /// Where a file is served.
    pub fn path(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| format!("/{name}"))
    }

    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// An icon of the sprite. It says nothing by itself: a word stands beside it, or a label on what holds it.
pub fn icon(name: &'static str) -> impl IntoView {
    icon_in("icon", name)
}

pub fn icon_in(class: &'static str, name: &'static str) -> impl IntoView {
    let sprite = use_context::<Assets>().unwrap_or_default().path("icons.svg");
    view! { <svg class=class aria-hidden="true"><use href=format!("{sprite}#{name}") /></svg> }
}

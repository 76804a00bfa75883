//! Makes the grid of a week add up while one types, and keep itself. The form is plain HTML and works without.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use super::live;

#[island]
pub fn WeekGrid(children: Children) -> impl IntoView {
    #[cfg(not(feature = "hydrate"))]
    let (input, change, submit) = (|_| (), |_| (), |_| ());
    #[cfg(feature = "hydrate")]
    let (input, change, submit) = (live::input, live::change, live::submit);
    view! {
        <div class="contents" on:input=input on:change=change on:submit=submit>{children()}</div>
    }
}

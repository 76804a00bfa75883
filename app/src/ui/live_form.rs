//! Makes a form answer while one types. The form itself is plain HTML and needs none of this: each input that names a
//! rule in `data-rule` is checked by the very parser the server will use.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use super::live_fields;

#[island]
pub fn LiveForm(children: Children) -> impl IntoView {
    #[cfg(not(feature = "hydrate"))]
    let (input, leave, submit) = (|_| (), |_| (), |_| ());
    #[cfg(feature = "hydrate")]
    let (input, leave, submit) = (live_fields::input, live_fields::leave, live_fields::submit);
    #[cfg(feature = "hydrate")]
    live_fields::come_back();
    view! {
        <div class="contents" on:input=input on:focusout=leave on:submit=submit>{children()}</div>
    }
}

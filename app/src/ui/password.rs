use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use wasm_bindgen::JsCast;

/// A password field with a button that shows what was typed.
#[island]
pub fn RevealPassword(eye: String, eye_off: String, children: Children) -> impl IntoView {
    let shown = RwSignal::new(false);
    #[cfg(not(feature = "hydrate"))]
    let toggle = |_| ();
    #[cfg(feature = "hydrate")]
    let toggle = move |event: leptos::ev::MouseEvent| {
        shown.update(|shown| *shown = !*shown);
        let button = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let group = button.and_then(|button| button.closest(".input-group").ok().flatten());
        let input = group.and_then(|group| group.query_selector("input").ok().flatten());
        if let Some(input) = input.and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            input.set_type(if shown.get_untracked() { "text" } else { "password" });
        }
    };
    view! {
        <div class="input-group">
            {children()}
            <button
                class="icon-button reveal js-only"
                type="button"
                aria-label="Show password"
                aria-pressed=move || if shown.get() { "true" } else { "false" }
                on:click=toggle
            >
                <svg class="icon" aria-hidden="true"><use href=eye /></svg>
                <svg class="icon" aria-hidden="true"><use href=eye_off /></svg>
            </button>
        </div>
    }
}

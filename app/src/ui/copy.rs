use leptos::prelude::*;

/// Something shown once, with a button that copies it.
#[island]
pub fn CopySecret(text: String, label: String, copy_icon: String, check_icon: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    #[cfg(not(feature = "hydrate"))]
    let copy = |_| ();
    #[cfg(feature = "hydrate")]
    let copy = {
        let text = text.clone();
        move |_| {
            let promise = window().navigator().clipboard().write_text(&text);
            leptos::task::spawn_local(async move {
                if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                    copied.set(true);
                    set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
                }
            });
        }
    };
    view! {
        <div class="secret">
            <input readonly="" aria-label=label value=text />
            <button class="button js-only" class:done=move || copied.get() type="button" on:click=copy>
                <span><svg class="icon" aria-hidden="true"><use href=copy_icon /></svg></span>
                <span>"Copy"</span>
                <span class="copied">
                    <svg class="icon" aria-hidden="true"><use href=check_icon /></svg>
                    "Copied"
                </span>
            </button>
            <span class="sr-only" role="status">{move || copied.get().then_some("Copied")}</span>
        </div>
    }
}

use leptos::prelude::*;

/// How long a toast stays before it leaves by itself.
#[cfg(feature = "hydrate")]
const STAYS: std::time::Duration = std::time::Duration::from_secs(6);

/// A word of what was done. It leaves by itself or when dismissed; without a script it stays until the next page.
#[island]
pub fn Toast(words: String, sprite: String) -> impl IntoView {
    let gone = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    set_timeout(move || gone.set(true), STAYS);
    view! {
        <div class="toasts">
            <div class="toast ok" role="status" hidden=move || gone.get()>
                <svg class="icon" aria-hidden="true"><use href=format!("{sprite}#circle-check") /></svg>
                <span>{words}</span>
                <span class="end">
                    <button class="icon-button js-only" type="button" aria-label="Dismiss" on:click=move |_| gone.set(true)>
                        <svg class="icon" aria-hidden="true"><use href=format!("{sprite}#x") /></svg>
                    </button>
                </span>
            </div>
        </div>
    }
}

//! Parts of a page that are kept up to date while it is open: the server renders the page again now and then, and sends those
//! of its parts that have changed. Without scripts they are what they were when the page was opened.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use super::follow;

/// Where the server tells what has changed on a page; `of` is the address of the page.
pub const EVENTS: &str = "/events";

/// What a live part is known by, in front of its name; and what stands behind its content.
pub const PART: &str = "live-";
pub const END: &str = "end-of-live-";

/// A part of this name. Islands do not belong into it: what is sent is plain markup.
#[cfg(feature = "ssr")]
pub fn live_part(name: &str, content: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="live" id=format!("{PART}{name}")>
            {content.into_any()}
            <template id=format!("{END}{name}")></template>
        </div>
    }
    .into_any()
}

/// Follows what happens to the live parts of the page it stands on, as long as somebody looks.
#[island]
pub fn Follow() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    follow::begin();
}

use engine::notice::Notices;
use leptos::prelude::*;

use crate::visit;

/// How many notices somebody has not read, beside the link to them. Whatever stands in the way of counting them is not in the
/// way of the page.
pub fn unread() -> impl IntoView {
    let count = async {
        let count = expect_context::<Notices>().unread(&visit::act().ok()?).await.ok()?;
        let shown = if count > 99 { "99+".to_owned() } else { count.to_string() };
        (count > 0)
            .then(|| view! { <span class="nav-count">{shown}<span class="sr-only">" not read"</span></span> })
    };
    view! { <Suspense>{Suspend::new(count)}</Suspense> }
}

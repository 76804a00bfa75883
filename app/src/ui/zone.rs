use leptos::prelude::*;

/// Chooses the browser's own time zone in the list with this id, as long as nobody has chosen another.
#[island]
pub fn GuessZone(list: String, unless_changed_from: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        guess(&list, &unless_changed_from);
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (list, unless_changed_from);
}

#[cfg(feature = "hydrate")]
fn guess(list: &str, initial: &str) -> Option<()> {
    use wasm_bindgen::{JsCast, JsValue};

    let select: web_sys::HtmlSelectElement = document().get_element_by_id(list)?.dyn_into().ok()?;
    if select.value() != initial {
        return None;
    }
    let formats = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let zone = js_sys::Reflect::get(&formats.resolved_options(), &JsValue::from_str("timeZone"))
        .ok()?
        .as_string()?;
    select.set_value(&zone);
    // A zone the list does not have leaves nothing chosen.
    if select.value().is_empty() {
        select.set_value(initial);
    }
    Some(())
}

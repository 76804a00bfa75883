//! Live parts in the browser: listening to the server while the page is seen, and putting what it sends into its place.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, EventSource, MessageEvent};

use super::live_part::{EVENTS, PART};

/// A line to the server, and what is done with what it says: as long as the line is open, that has to be there.
type Line = (EventSource, Closure<dyn Fn(MessageEvent)>);

thread_local! {
    static LINE: RefCell<Option<Line>> = const { RefCell::new(None) };
}

pub fn begin() {
    look();
    // Whoever looks elsewhere needs no line to the server: browsers have few of them for all their tabs.
    let _ = window_event_listener_untyped("visibilitychange", |_| look());
    let _ = window_event_listener_untyped("pagehide", |_| hang_up());
    let _ = window_event_listener_untyped("pageshow", |_| look());
}

fn look() {
    if document().hidden() {
        hang_up();
    } else if LINE.with_borrow(Option::is_none) {
        LINE.set(call());
    }
}

fn hang_up() {
    if let Some((line, _)) = LINE.take() {
        line.close();
    }
}

fn call() -> Option<Line> {
    let here = window().location();
    let page = format!("{}{}", here.pathname().ok()?, here.search().ok()?);
    let page = String::from(js_sys::encode_uri_component(&page));
    let line = EventSource::new(&format!("{EVENTS}?of={page}")).ok()?;
    let hear = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(said) = event.data().as_string()
            && let Some((name, markup)) = said.split_once(' ')
            && let Some(part) = document().get_element_by_id(&format!("{PART}{name}"))
        {
            show(&part, markup);
        }
    });
    line.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    Some((line, hear))
}

/// What somebody has opened stays open, and what they are about to use is not taken from under their fingers.
fn show(part: &Element, markup: &str) {
    if document().active_element().is_some_and(|active| part.contains(Some(&active))) {
        return;
    }
    let opened: Vec<_> = all(part, "details[open][id]").iter().map(Element::id).collect();
    part.set_inner_html(markup);
    for id in opened {
        if let Some(details) = document().get_element_by_id(&id) {
            let _ = details.set_attribute("open", "");
        }
    }
}

fn all(part: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = part.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

//! The palette in the browser: keys, clicks, and asking the server.

use std::time::Duration;

use js_sys::Array;
use leptos::ev::KeyboardEvent;
use leptos::html::Dialog;
use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::{Answer, Command, Found};
use crate::ui::{ask, member};

/// How long after the last key the server is asked.
const PAUSE: Duration = Duration::from_millis(90);

/// How long the first key of two waits for the second.
const CHORD: Duration = Duration::from_millis(900);

#[derive(Clone, Copy)]
pub struct Parts {
    pub dialog: NodeRef<Dialog>,
    pub sheet: NodeRef<Dialog>,
    pub text: RwSignal<String>,
    pub chosen: RwSignal<usize>,
    pub answer: RwSignal<Answer>,
    pub all: StoredValue<Vec<Command>>,
}

fn open(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked()
        && !dialog.open()
    {
        let _ = dialog.show_modal();
    }
}

/// Whether keys belong to what somebody is typing.
fn is_typing() -> bool {
    let active = document().active_element();
    active.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

pub fn listen(parts: Parts) {
    let Parts { dialog, sheet, text, chosen, answer, all } = parts;
    let chord = Chord::new();
    let _ = window_event_listener(leptos::ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            text.set(String::new());
            chosen.set(0);
            open(dialog);
            return;
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing() {
            return;
        }
        match event.key().as_str() {
            "?" => open(sheet),
            "/" => {
                let field = document().query_selector("input[type=search]").ok().flatten();
                if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                    event.prevent_default();
                    let _ = field.focus();
                }
            }
            // Shift, Tab and the like are no part of a shortcut.
            key if key.chars().count() == 1 => chord.press(key, all),
            _ => {}
        }
    });
    let _ = window_event_listener(leptos::ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(target) = target else { return };
        let on = |selector: &str| target.closest(selector).ok().flatten().is_some();
        if on("[data-palette-open]") {
            open(dialog);
        } else if on("[data-shortcuts-open]") {
            open(sheet);
        }
    });
    search(text, answer);
}

/// The keys of a shortcut as they come: one that leads nowhere may be the first of the next.
#[derive(Clone, Copy)]
struct Chord {
    first: StoredValue<Option<String>>,
    ends: StoredValue<Option<TimeoutHandle>>,
}

impl Chord {
    fn new() -> Self {
        Self { first: StoredValue::new(None), ends: StoredValue::new(None) }
    }

    fn press(self, key: &str, all: StoredValue<Vec<Command>>) {
        if let Some(handle) = self.ends.get_value() {
            handle.clear();
        }
        let keys = self.first.get_value().map_or_else(|| key.to_owned(), |first| format!("{first} {key}"));
        let to =
            all.with_value(|all| all.iter().find(|command| command.keys == keys).map(|c| c.href.clone()));
        if let Some(href) = to {
            self.first.set_value(None);
            let _ = window().location().set_href(&href);
            return;
        }
        self.first.set_value(Some(key.to_owned()));
        self.ends.set_value(set_timeout_with_handle(move || self.first.set_value(None), CHORD).ok());
    }
}

/// Asks the server once the typing pauses; an answer to something older is dropped.
fn search(text: RwSignal<String>, answer: RwSignal<Answer>) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let asked = text.get();
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        if asked.trim().is_empty() {
            answer.set(Answer::None);
            return;
        }
        // What was found for the words before stays until there is something better to show.
        if !answer.with_untracked(|answer| matches!(answer, Answer::Found(_))) {
            answer.set(Answer::Awaited);
        }
        let ask = move || {
            leptos::task::spawn_local(async move {
                let found = ask("find", &[("text", &asked)]).await.ok().map(|answer| found(&answer));
                if text.get_untracked() == asked {
                    answer.set(found.map_or(Answer::Failed, Answer::Found));
                }
            });
        };
        waiting.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    });
}

/// What was found, as the server function lists it.
fn found(answer: &JsValue) -> Vec<Found> {
    let text = |one: &JsValue, name: &str| member(one, name).as_string().unwrap_or_default();
    let read = |one: JsValue| Found {
        words: text(&one, "words"),
        sub: text(&one, "sub"),
        href: text(&one, "href"),
        icon: text(&one, "icon"),
    };
    Array::from(answer).iter().map(read).collect()
}

pub fn key(event: &KeyboardEvent, options: Memo<Vec<Found>>, chosen: RwSignal<usize>) {
    let count = options.with_untracked(Vec::len);
    match event.key().as_str() {
        _ if count == 0 => {}
        "ArrowDown" => {
            event.prevent_default();
            chosen.update(|n| *n = (*n + 1) % count);
        }
        "ArrowUp" => {
            event.prevent_default();
            chosen.update(|n| *n = (*n + count - 1) % count);
        }
        "Enter" => {
            event.prevent_default();
            if let Some(option) = options.with_untracked(|all| all.get(chosen.get_untracked()).cloned()) {
                let _ = window().location().set_href(&option.href);
            }
        }
        _ => return,
    }
    let id = format!("palette-{}", chosen.get_untracked());
    if let Some(row) = document().get_element_by_id(&id) {
        row.scroll_into_view_with_bool(false);
    }
}

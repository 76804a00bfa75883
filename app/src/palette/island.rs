use leptos::html::{Dialog, Input};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Found;

/// One place to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    pub words: String,
    pub href: String,
    pub icon: String,
    /// Keys in turn, like `g p`; none if empty.
    pub keys: String,
}

/// The palette (Ctrl or Cmd and K), the sheet of shortcuts (?), and the shortcuts themselves.
#[island]
pub fn Palette(commands: Vec<Command>, sprite: String) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let sheet = NodeRef::<Dialog>::new();
    let input = NodeRef::<Input>::new();
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = RwSignal::new(Vec::<Found>::new());
    let all = StoredValue::new(commands.clone());

    // What is shown: the places that fit, then what the server has found.
    let options = Memo::new(move |_| {
        let needle = text.get().trim().to_lowercase();
        let places = all.with_value(|all| {
            let fits = |command: &&Command| command.words.to_lowercase().contains(&needle);
            let found = |command: &Command| Found {
                words: command.words.clone(),
                sub: String::new(),
                href: command.href.clone(),
                icon: command.icon.clone(),
            };
            all.iter().filter(fits).map(found).collect::<Vec<_>>()
        });
        let mut options = places;
        if !needle.is_empty() {
            options.extend(found.get());
        }
        options
    });

    #[cfg(feature = "hydrate")]
    live::listen(live::Parts { dialog, sheet, text, chosen, found, all });

    #[cfg(not(feature = "hydrate"))]
    let (key, typed) = (|_| (), |_| ());
    #[cfg(feature = "hydrate")]
    let (key, typed) = (move |event| live::key(&event, options, chosen), move |event| {
        text.set(event_target_value(&event));
        chosen.set(0);
    });

    let icons = sprite.clone();
    let rows = move || {
        let icons = icons.clone();
        options.get().into_iter().enumerate().map(move |(n, option)| row(n, option, &icons, chosen)).collect_view()
    };
    let keyed: Vec<_> = commands.into_iter().filter(|command| !command.keys.is_empty()).collect();
    view! {
        <dialog class="palette" id="palette" aria-label="Search and commands" node_ref=dialog on:keydown=key>
            <div class="palette-input">
                <svg class="icon" aria-hidden="true"><use href=format!("{sprite}#search") /></svg>
                <input
                    type="text"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant=move || format!("palette-{}", chosen.get())
                    aria-autocomplete="list"
                    aria-label="Search people, projects and commands"
                    placeholder="Search people, projects and commands"
                    autocomplete="off"
                    spellcheck="false"
                    autofocus=""
                    node_ref=input
                    prop:value=text
                    on:input=typed
                />
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label="Results">{rows}</div>
            <p class="palette-empty" role="status" hidden=move || !options.get().is_empty()>
                {move || format!("Nothing found for “{}”.", text.get())}
            </p>
            <div class="palette-foot" aria-hidden="true">
                <span><kbd>"↑"</kbd> " " <kbd>"↓"</kbd> " choose"</span>
                <span><kbd>"↵"</kbd> " open"</span>
                <span><kbd>"esc"</kbd> " close"</span>
            </div>
        </dialog>
        <dialog class="dialog wide" id="shortcuts" aria-labelledby="shortcuts-title" node_ref=sheet>
            <div class="dialog-body">
                <header>
                    <h2 id="shortcuts-title">"Keyboard shortcuts"</h2>
                    <form method="dialog">
                        <button class="icon-button" aria-label="Close">
                            <svg class="icon" aria-hidden="true"><use href=format!("{sprite}#x") /></svg>
                        </button>
                    </form>
                </header>
                <div class="shortcuts">
                    <section>
                        <h3>"Anywhere"</h3>
                        <dl>
                            <div><dt>"Search and commands"</dt><dd><kbd>"Ctrl"</kbd><kbd>"K"</kbd></dd></div>
                            <div><dt>"This sheet"</dt><dd><kbd>"?"</kbd></dd></div>
                            <div><dt>"Filter the list"</dt><dd><kbd>"/"</kbd></dd></div>
                        </dl>
                    </section>
                    <section>
                        <h3>"Go to"</h3>
                        <dl>{keyed.into_iter().map(shortcut).collect_view()}</dl>
                    </section>
                </div>
            </div>
        </dialog>
    }
}

fn row(n: usize, option: Found, sprite: &str, chosen: RwSignal<usize>) -> impl IntoView + use<> {
    let sub = (!option.sub.is_empty()).then(|| view! { <span class="sub">{option.sub}</span> });
    view! {
        <a
            class="palette-option"
            role="option"
            id=format!("palette-{n}")
            aria-selected=move || if chosen.get() == n { "true" } else { "false" }
            tabindex="-1"
            href=option.href
        >
            <svg class="icon" aria-hidden="true"><use href=format!("{sprite}#{}", option.icon) /></svg>
            <span class="grow">{option.words}{sub}</span>
        </a>
    }
}

fn shortcut(command: Command) -> impl IntoView {
    let keys: Vec<_> = command.keys.split(' ').map(|key| view! { <kbd>{key.to_owned()}</kbd> }).collect();
    view! { <div><dt>{command.words}</dt><dd>{keys}</dd></div> }
}

#[cfg(feature = "hydrate")]
mod live {
    use std::time::Duration;

    use leptos::ev::KeyboardEvent;
    use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlElement};

    use super::*;
    use crate::palette::find;

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
        pub found: RwSignal<Vec<Found>>,
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
        let Parts { dialog, sheet, text, chosen, found, all } = parts;
        let first = StoredValue::new(None::<String>);
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
                key => {
                    let keys = first.get_value().map_or_else(|| key.to_owned(), |first| format!("{first} {key}"));
                    let to = all.with_value(|all| all.iter().find(|c| c.keys == keys).map(|c| c.href.clone()));
                    if let Some(href) = to {
                        let _ = window().location().set_href(&href);
                    }
                    first.set_value(first.get_value().is_none().then(|| key.to_owned()));
                    set_timeout(move || first.set_value(None), CHORD);
                }
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
        search(text, found);
    }

    /// Asks the server once the typing pauses; an answer to something older is dropped.
    fn search(text: RwSignal<String>, found: RwSignal<Vec<Found>>) {
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move || {
            let asked = text.get();
            if let Some(handle) = waiting.get_value() {
                handle.clear();
            }
            if asked.trim().is_empty() {
                found.set(Vec::new());
                return;
            }
            let ask = move || {
                leptos::task::spawn_local(async move {
                    let answer = find(asked.clone()).await;
                    if text.get_untracked() == asked {
                        found.set(answer.unwrap_or_default());
                    }
                });
            };
            waiting.set_value(set_timeout_with_handle(ask, PAUSE).ok());
        });
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
}

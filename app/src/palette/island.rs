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

/// What the server has said to the words typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// It was not asked.
    #[default]
    None,
    Awaited,
    Found(Vec<Found>),
    Failed,
}

/// The palette (Ctrl or Cmd and K), the sheet of shortcuts (?), and the shortcuts themselves.
#[island]
pub fn Palette(commands: Vec<Command>, sprite: String) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let sheet = NodeRef::<Dialog>::new();
    let input = NodeRef::<Input>::new();
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let answer = RwSignal::new(Answer::None);
    let all = StoredValue::new(commands.clone());

    // What is shown: the places that fit, then what the server has found.
    let options = Memo::new(move |_| {
        let needle = text.get().trim().to_ascii_lowercase();
        let places = all.with_value(|all| {
            // A short word like "and" is not what anybody looks for.
            let starts =
                |words: &str| words.split(' ').any(|word| word.len() > 3 && word.starts_with(&needle));
            let fits = |command: &&Command| {
                let words = command.words.to_ascii_lowercase();
                words.starts_with(&needle) || starts(&words)
            };
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
            answer.with(|answer| {
                if let Answer::Found(found) = answer {
                    options.extend(found.iter().cloned());
                }
            });
        }
        options
    });

    // What there is to say when there is nothing to show, or not all of it.
    let said = Memo::new(move |_| match answer.get() {
        Answer::Failed => Some("The search does not answer. Try again in a moment.".to_owned()),
        Answer::Awaited => None,
        _ => options.with(Vec::is_empty).then(|| format!("Nothing found for “{}”.", text.get())),
    });

    #[cfg(feature = "hydrate")]
    super::live::listen(super::live::Parts { dialog, sheet, text, chosen, answer, all });

    #[cfg(not(feature = "hydrate"))]
    let (key, typed) = (|_| (), |_| ());
    #[cfg(feature = "hydrate")]
    let (key, typed) = (
        move |event| super::live::key(&event, options, chosen),
        move |event| {
            text.set(event_target_value(&event));
            chosen.set(0);
        },
    );

    let icons = sprite.clone();
    let rows = move || {
        let icons = icons.clone();
        options
            .get()
            .into_iter()
            .enumerate()
            .map(move |(n, option)| row(n, option, &icons, chosen))
            .collect_view()
    };
    let keyed: Vec<_> = commands.into_iter().filter(|command| !command.keys.is_empty()).collect();
    view! {
        <dialog class="palette" id="palette" aria-label="Search and commands" node_ref=dialog on:keydown=key>
            <div class="palette-input">
                <svg class="icon" aria-hidden="true"><use href=format!("{sprite}#search") /></svg>
                <input
                    type="text"
                    role="combobox"
                    aria-expanded=move || if options.get().is_empty() { "false" } else { "true" }
                    aria-controls="palette-list"
                    aria-activedescendant=move || {
                        (!options.get().is_empty()).then(|| format!("palette-{}", chosen.get()))
                    }
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
            <div class="palette-waiting" aria-hidden="true" hidden=move || answer.with(|answer| *answer != Answer::Awaited)>
                <i class="skeleton half"></i>
                <i class="skeleton third"></i>
            </div>
            <p class="palette-empty" role="status" hidden=move || said.get().is_none()>{move || said.get()}</p>
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

//! Fields of a form, each with its label, hint and message.

use leptos::prelude::*;

use super::form::FormState;
use super::icon::icon;
use super::password::RevealPassword;

/// A field of one line.
#[derive(Clone, Default)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    /// `text` if left empty.
    pub kind: &'static str,
    pub value: String,
    /// The parser that checks it while one types; see `LiveForm`.
    pub rule: &'static str,
    pub autocomplete: &'static str,
    /// An additional class of the input, such as `short` or `num`.
    pub class: &'static str,
    /// The id of a `datalist` with what others have entered.
    pub list: &'static str,
    pub optional: bool,
    pub focus: bool,
}

/// Its message: empty until something is wrong, so that the line is there for it.
fn message(id: String, error: Option<String>) -> impl IntoView {
    let inside = error.map(|text| view! { {icon("circle-alert")}<span>{text}</span> });
    view! { <p class="field-error" id=id>{inside}</p> }
}

fn described_by(name: &str, hint: &str) -> String {
    if hint.is_empty() { format!("{name}-error") } else { format!("{name}-hint {name}-error") }
}

fn hint_of(name: &str, hint: &'static str) -> Option<impl IntoView + use<>> {
    (!hint.is_empty()).then(|| view! { <p class="field-hint" id=format!("{name}-hint")>{hint}</p> })
}

pub fn field(state: &FormState, field: Field) -> AnyView {
    let Field { name, label, hint, kind, value, rule, autocomplete, class, list, optional, focus } = field;
    let error = state.error(name);
    let kind = if kind.is_empty() { "text" } else { kind };
    let is_password = kind == "password";
    // A password is never sent back, not even to the one who typed it.
    let value = if is_password { String::new() } else { state.value(name, &value) };
    let input = view! {
        <input
            class=format!("input {class}")
            id=name
            name=name
            type=kind
            value=value
            autocomplete=(!autocomplete.is_empty()).then_some(autocomplete)
            list=(!list.is_empty()).then_some(list)
            autofocus=focus
            data-rule=(!rule.is_empty()).then_some(rule)
            data-optional=optional.then_some("")
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, hint)
            spellcheck=if kind == "email" || is_password { Some("false") } else { None }
        />
    };
    let input = if is_password {
        view! { <RevealPassword eye=sprite("eye") eye_off=sprite("eye-off")>{input}</RevealPassword> }
            .into_any()
    } else {
        input.into_any()
    };
    view! {
        <div class="field">
            <label for=name>{label}" "{optional.then(|| view! { <span class="optional">"(optional)"</span> })}</label>
            {hint_of(name, hint)}
            {input}
            {message(format!("{name}-error"), error)}
        </div>
    }
    .into_any()
}

fn sprite(name: &str) -> String {
    format!("{}#{name}", use_context::<super::Assets>().unwrap_or_default().path("icons.svg"))
}

/// One of several, as a list to choose from: value and words.
pub fn select(
    state: &FormState,
    field: Field,
    options: impl IntoIterator<Item = (String, String)>,
) -> AnyView {
    let Field { name, label, hint, value, class, optional, .. } = field;
    let error = state.error(name);
    let chosen = state.value(name, &value);
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, words)| view! { <option selected=value == chosen value=value>{words}</option> })
        .collect();
    view! {
        <div class="field">
            <label for=name>{label}" "{optional.then(|| view! { <span class="optional">"(optional)"</span> })}</label>
            {hint_of(name, hint)}
            <select
                class=format!("input {class}")
                id=name
                name=name
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by(name, hint)
            >
                {options}
            </select>
            {message(format!("{name}-error"), error)}
        </div>
    }
    .into_any()
}

/// Several of several, as cards to tick: value, words, what it means, and whether it is ticked now.
pub fn choices(
    state: &FormState,
    name: &'static str,
    legend: &'static str,
    choices: Vec<(&'static str, &'static str, &'static str, bool)>,
) -> AnyView {
    let error = state.error(name);
    let boxes: Vec<_> = choices
        .into_iter()
        .enumerate()
        .map(|(n, (value, words, meaning, ticked))| {
            // The first box answers to the field's own name, so that the summary of faults can lead to it.
            let id = if n == 0 { name.to_owned() } else { format!("{name}-{value}") };
            let meaning = (!meaning.is_empty()).then(|| view! { <small>{meaning}</small> });
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        id=id
                        name=format!("{name}[]")
                        value=value
                        checked=state.ticked(name, value, ticked)
                    />
                    <span><strong>{words}</strong>{meaning}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field" aria-describedby=format!("{name}-error")>
            <legend>{legend}</legend>
            <div class="choices">{boxes}</div>
            {message(format!("{name}-error"), error)}
        </fieldset>
    }
    .into_any()
}

/// A field of several lines.
pub fn text_area(state: &FormState, field: Field, rows: &'static str) -> AnyView {
    let Field { name, label, hint, value, .. } = field;
    let error = state.error(name);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {hint_of(name, hint)}
            <textarea
                class="input mono"
                id=name
                name=name
                rows=rows
                spellcheck="false"
                autocapitalize="off"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by(name, hint)
            >
                {textarea_text(&state.value(name, &value))}
            </textarea>
            {message(format!("{name}-error"), error)}
        </div>
    }
    .into_any()
}

/// What stands between the tags of a textarea. Leptos writes it there as it is, so it is escaped here.
pub fn textarea_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

//! The fields of a form in the browser: which parser each asks for, and how its message is shown.

use domain::Wrong;
use domain::money::WorkPrice;
use domain::payee::{HolderName, IbanNumber, RoutingNumber, UsAccountNumber, Way};
use domain::people::{Email, NewPassword, PersonName, TokenName};
use domain::project::{ClientName, ProjectCode, ProjectName, TaskName};
use domain::timesheet::{Hours, Reading, Spent, rules};
use leptos::ev;
use leptos::prelude::{document, window_event_listener_untyped};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlFormElement, HtmlInputElement};

/// The parsers a field can ask for by name.
fn check(rule: &str, value: &str) -> Result<(), Wrong> {
    match rule {
        "email" => Email::check(value),
        "holder-name" => HolderName::parse(value).map(drop),
        "iban" => IbanNumber::check(value),
        "routing-number" => RoutingNumber::parse(value).map(drop),
        "us-account" => UsAccountNumber::parse(value).map(drop),
        "way" => Way::parse(value).map(drop),
        "person-name" => PersonName::parse(value).map(drop),
        "password" => NewPassword::parse(value).map(drop),
        "token-name" => TokenName::parse(value).map(drop),
        "project-code" => ProjectCode::parse(value).map(drop),
        "project-name" => ProjectName::parse(value).map(drop),
        "task-name" => TaskName::parse(value).map(drop),
        "work-price" => WorkPrice::parse(value).map(drop),
        "units" => rules::units(value).map(drop),
        "hours" => Hours::parse(value).map(drop),
        "time-of-day" => Reading::parse(value).map(drop),
        "spent" => Spent::parse(value).map(drop),
        "client-name" => ClientName::parse(value).map(drop),
        _ => Ok(()),
    }
}

fn field_of(target: Option<web_sys::EventTarget>) -> Option<(HtmlInputElement, String)> {
    let input: HtmlInputElement = target?.dyn_into().ok()?;
    let rule = input.get_attribute("data-rule")?;
    Some((input, rule))
}

/// While one types, a message only goes away; it comes when one leaves the field, not in mid-word.
pub fn input(event: ev::Event) {
    if let Some((input, rule)) = field_of(event.target())
        && input.get_attribute("aria-invalid").is_some()
    {
        show(&input, &rule);
    }
}

/// A field that was left empty is not nagged about before the form is sent.
pub fn leave(event: ev::FocusEvent) {
    if let Some((input, rule)) = field_of(event.target())
        && !input.value().is_empty()
    {
        show(&input, &rule);
    }
}

/// Sends nothing that the server would refuse, and nothing twice.
pub fn submit(event: ev::SubmitEvent) {
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else {
        return;
    };
    let mut first_wrong: Option<HtmlInputElement> = None;
    let Ok(fields) = form.query_selector_all("[data-rule]") else { return };
    for n in 0..fields.length() {
        let input = fields.item(n).and_then(|node| node.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input
            && let Some(rule) = input.get_attribute("data-rule")
            // What another choice has hidden is not asked for.
            && input.offset_parent().is_some()
            && !show(&input, &rule)
            && first_wrong.is_none()
        {
            first_wrong = Some(input);
        }
    }
    if let Some(input) = first_wrong {
        event.prevent_default();
        let _ = input.focus();
        return;
    }
    if let Some(button) = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok()) {
        if button.get_attribute("aria-busy").is_some() {
            event.prevent_default();
        }
        let _ = button.set_attribute("aria-busy", "true");
    }
}

/// A page that is come back to may be the very one that was left, with its button still busy.
pub fn come_back() {
    let _ = window_event_listener_untyped("pageshow", |_| {
        let Ok(busy) = document().query_selector_all("button[aria-busy]") else { return };
        for n in 0..busy.length() {
            if let Some(button) = busy.item(n).and_then(|node| node.dyn_into::<Element>().ok()) {
                let _ = button.remove_attribute("aria-busy");
            }
        }
    });
}

/// Shows what is wrong with a field, or that nothing is; answers whether it is right.
fn show(input: &HtmlInputElement, rule: &str) -> bool {
    let left_out = input.value().is_empty() && input.get_attribute("data-optional").is_some();
    let wrong = if left_out { None } else { check(rule, &input.value()).err() };
    let message = input
        .owner_document()
        .and_then(|document| document.get_element_by_id(&format!("{}-error", input.id())));
    let Some(message) = message else { return wrong.is_none() };
    match &wrong {
        Some(wrong) => {
            let _ = input.set_attribute("aria-invalid", "true");
            say(&message, &wrong.to_string());
        }
        None => {
            let _ = input.remove_attribute("aria-invalid");
            message.set_text_content(None);
        }
    }
    wrong.is_none()
}

fn say(message: &Element, text: &str) {
    let span = message.query_selector("span").ok().flatten();
    let span = span.or_else(|| {
        let span = message.owner_document()?.create_element("span").ok()?;
        message.append_child(&span).ok()?;
        Some(span)
    });
    if let Some(span) = span.and_then(|span| span.dyn_into::<HtmlElement>().ok()) {
        span.set_text_content(Some(text));
    }
}

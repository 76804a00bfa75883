//! The grid of a week in the browser: its sums, and keeping what was typed.

use std::cell::Cell;
use std::time::Duration;

use domain::timesheet::rules::USUAL_DAY;
use domain::timesheet::{Hours, Spent};
use js_sys::Array;
use leptos::ev;
use leptos::prelude::{document, set_timeout};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement};

use crate::ui::{ask, member};

/// So long after the last change it is kept.
const SOON: Duration = Duration::from_millis(700);

thread_local! {
    /// How many changes there were: whoever waited for an older one has nothing to do.
    static CHANGES: Cell<u32> = const { Cell::new(0) };
    /// The last of them that was kept, or could not be.
    static KEPT: Cell<u32> = const { Cell::new(0) };
    /// One is on its way. The next goes when it is back, with the version that it brings.
    static UNDER_WAY: Cell<bool> = const { Cell::new(false) };
    /// The form was sent meanwhile, by this button: it waits, too, or it would be out of date by our own doing.
    static SENT_BY: Cell<Option<HtmlElement>> = const { Cell::new(None) };
}

fn all(inside: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = inside.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|n| found.item(n)?.dyn_into().ok()).collect()
}

fn week() -> Option<Element> {
    document().query_selector("table.week").ok().flatten()
}

/// What a cell comes to: what is typed, or what is settled.
fn minutes(cell: &Element) -> i64 {
    let typed = cell.query_selector("input[data-rule=spent]").ok().flatten();
    if let Some(input) = typed.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        return Spent::parse(&input.value()).map_or(0, |spent| spent.usual_minutes());
    }
    let settled = cell.query_selector("[data-minutes]").ok().flatten();
    settled.and_then(|settled| settled.get_attribute("data-minutes")?.parse().ok()).unwrap_or(0)
}

fn show(inside: &Element, sum: &str, minutes: i64) {
    let mut selector = String::from("[data-sum='");
    selector.push_str(sum);
    selector.push_str("']");
    if let Ok(Some(output)) = inside.query_selector(&selector) {
        output.set_text_content(Some(&Hours::of_minutes(minutes).to_string()));
        let _ = output.class_list().toggle_with_force("unusual", sum.len() == 10 && minutes > USUAL_DAY);
    }
}

/// Adds up again.
pub fn input(_: ev::Event) {
    let Some(week) = week() else { return };
    let mut days: Vec<(String, i64)> = Vec::new();
    let mut whole = 0;
    for row in all(&week, "tbody tr") {
        let mut of_row = 0;
        for cell in all(&row, "td.day") {
            let minutes = minutes(&cell);
            of_row += minutes;
            let day = cell.get_attribute("data-day").unwrap_or_default();
            match days.iter_mut().find(|(known, _)| *known == day) {
                Some((_, sum)) => *sum += minutes,
                None => days.push((day, minutes)),
            }
        }
        if let Ok(Some(output)) = row.query_selector("output") {
            output.set_text_content(Some(&Hours::of_minutes(of_row).to_string()));
        }
        whole += of_row;
    }
    for (day, minutes) in days {
        show(&week, &day, minutes);
    }
    show(&week, "all", whole);
}

pub fn change(event: ev::Event) {
    // To confirm something is for whoever submits.
    let typed = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let is_of_week = |input: &HtmlInputElement| matches!(input.closest("table.week"), Ok(Some(_)));
    if !typed
        .is_some_and(|input| is_of_week(&input) && !matches!(input.type_().as_str(), "checkbox" | "radio"))
    {
        return;
    }
    CHANGES.set(CHANGES.get() + 1);
    keep_soon();
}

/// What waits to be kept goes with the form of the week; any other form leads away from it, and so it is kept first.
pub fn submit(event: ev::SubmitEvent) {
    if event.default_prevented() {
        return;
    }
    let button = event.submitter().and_then(|button| button.dyn_into::<HtmlElement>().ok());
    let is_of_week = button.as_ref().is_some_and(sends_week);
    if is_of_week {
        CHANGES.set(CHANGES.get() + 1);
    }
    let waits = !is_of_week && CHANGES.get() != KEPT.get();
    if button.is_some() && (waits || UNDER_WAY.get()) {
        event.prevent_default();
        SENT_BY.set(button);
        if !UNDER_WAY.replace(true) {
            spawn_local(keep(CHANGES.get()));
        }
    }
}

fn sends_week(button: &HtmlElement) -> bool {
    let form = button.closest("form").ok().flatten();
    form.is_some_and(|form| matches!(form.query_selector("table.week"), Ok(Some(_))))
}

fn keep_soon() {
    let seen = CHANGES.get();
    set_timeout(
        move || {
            if CHANGES.get() == seen && !UNDER_WAY.replace(true) {
                spawn_local(keep(seen));
            }
        },
        SOON,
    );
}

async fn keep(seen: u32) {
    say("Saving…");
    let fields = fields();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let kept = ask("keep_week", &fields).await;
    let failed = kept.is_err();
    KEPT.set(seen);
    match kept {
        Ok(kept) => {
            set_version(&member(&kept, "version").as_string().unwrap_or_default());
            messages(&Array::from(&member(&kept, "said")));
            say("Saved. Submit the week when it is complete.");
        }
        Err(message) => say(&message),
    }
    UNDER_WAY.set(false);
    if let Some(button) = SENT_BY.take() {
        if failed && !sends_week(&button) {
            // Whoever reads why may press it once more.
            let _ = button.remove_attribute("aria-busy");
        } else {
            send(&button);
        }
    } else if CHANGES.get() != seen {
        keep_soon();
    }
}

/// Sends the form after all, as this button does.
fn send(button: &HtmlElement) {
    // It says that it is busy since it was pressed.
    let _ = button.remove_attribute("aria-busy");
    if let Ok(Some(form)) = button.closest("form")
        && let Ok(form) = form.dyn_into::<HtmlFormElement>()
    {
        let _ = form.request_submit_with_submitter(Some(button));
    }
}

/// Every form of the page is about this week: all of them go by the version that there is now.
fn set_version(version: &str) {
    let Some(page) = document().document_element() else { return };
    for input in all(&page, "input[name=version]") {
        if let Ok(input) = input.dyn_into::<HtmlInputElement>() {
            input.set_value(version);
        }
    }
}

/// Everything in the form of the week.
fn fields() -> Vec<(String, String)> {
    let form = week().and_then(|week| week.closest("form").ok().flatten());
    let inputs =
        form.map(|form| all(&form, "input[name]:not([type=checkbox], [type=radio])")).unwrap_or_default();
    let value = |input: Element| {
        let input: HtmlInputElement = input.dyn_into().ok()?;
        Some((input.name(), input.value()))
    };
    inputs.into_iter().filter_map(value).collect()
}

/// What there is to be said stands beside its field; what was said before, and holds no more, goes.
fn messages(said: &Array) {
    let Some(week) = week() else { return };
    for place in all(&week, ".field-error") {
        let id = place.id();
        let field = id.trim_end_matches("-error");
        let input = document().get_element_by_id(field);
        // What the parser says about what is being typed stays.
        if input.is_some_and(|input| input.get_attribute("aria-invalid").is_some()) {
            continue;
        }
        let about =
            said.iter().find(|said| member(said, "field").as_string().is_some_and(|about| about == field));
        let words = about.and_then(|said| member(&said, "words").as_string());
        place.set_text_content(None);
        if let Some(words) = words
            && let Ok(span) = document().create_element("span")
        {
            span.set_text_content(Some(&words));
            let _ = place.append_child(&span);
            if let Ok(Some(note)) = place.closest("details") {
                let _ = note.set_attribute("open", "");
            }
        }
    }
}

fn say(words: &str) {
    if let Ok(Some(place)) = document().query_selector("[data-kept]") {
        place.set_text_content(Some(words));
    }
}

//! What the pages of payments share.

use domain::Currency;
use domain::money::Amount;
use domain::timesheet::Hours;
use engine::payment::Batch;
use leptos::prelude::*;

use crate::ui::{tabs, tag};

pub fn amount(minor: i64, currency: &Currency) -> String {
    Amount::new(minor, currency.clone()).to_string()
}

/// Nothing is nothing, and not a figure.
pub fn hours(minutes: i64) -> String {
    if minutes == 0 { "–".to_owned() } else { Hours::of_minutes(minutes).to_string() }
}

pub fn units(count: i64) -> String {
    if count == 0 { "–".to_owned() } else { count.to_string() }
}

pub fn state(batch: &Batch) -> AnyView {
    if batch.is_open() { tag("info", "Open").into_any() } else { tag("ok", "Approved").into_any() }
}

pub fn pay_tabs(current: &'static str) -> impl IntoView {
    let pages = [
        ("/pay".to_owned(), "Batches"),
        ("/pay/accounts".to_owned(), "Accounts"),
        ("/pay/disputes".to_owned(), "Disputes"),
        ("/pay/report".to_owned(), "Reports"),
        ("/pay/payer".to_owned(), "Payer"),
        ("/pay/thresholds".to_owned(), "Thresholds"),
    ];
    tabs("Pay", &pages, current)
}

/// `one line`, `3 lines`
pub fn counted(count: i64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

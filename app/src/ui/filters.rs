//! The bar above a list that says which of its rows to show. It is a plain form that is sent by GET, so that a filtered
//! list has an address.

use chrono::{DateTime, NaiveDate, ParseError, TimeDelta, Utc};
use domain::people::Zone;
use leptos::prelude::*;

use super::icon::icon;

/// A box for words to look for.
pub fn search(
    name: &'static str,
    label: &'static str,
    placeholder: &'static str,
    value: &str,
) -> impl IntoView + use<> {
    view! {
        <div class="field search">
            <label for=name>{label}</label>
            <div class="input-group">
                {icon("search")}
                <input class="input" id=name name=name type="search" placeholder=placeholder value=value.to_owned() />
            </div>
        </div>
    }
}

/// One of some words, or any.
pub fn pick<W: IntoIterator<Item = (T, T)>, T: Into<String>>(
    name: &'static str,
    label: &'static str,
    words: W,
    chosen: &str,
) -> impl IntoView + use<W, T> {
    pick_else(name, label, "Any", words, chosen)
}

/// The same, where no word is one of them: what is shown first.
pub fn pick_else<W: IntoIterator<Item = (T, T)>, T: Into<String>>(
    name: &'static str,
    label: &'static str,
    first: &'static str,
    words: W,
    chosen: &str,
) -> impl IntoView + use<W, T> {
    let options: Vec<_> = words
        .into_iter()
        .map(|(word, label)| (word.into(), label.into()))
        .map(|(word, label): (String, String)| {
            let selected = word == chosen;
            view! { <option value=word selected=selected>{label}</option> }
        })
        .collect();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="input" id=name name=name><option value="">{first}</option>{options}</select>
        </div>
    }
}

pub fn day(name: &'static str, label: &'static str, value: &str) -> impl IntoView + use<> {
    view! {
        <div class="field date">
            <label for=name>{label}</label>
            <input class="input" type="date" id=name name=name value=value.to_owned() />
        </div>
    }
}

/// The bar itself, for the list at an address; `used` if it hides anything now.
pub fn filters(label: &'static str, at: &'static str, used: bool, inside: impl IntoView) -> impl IntoView {
    let clear = used.then(|| view! { <a class="button quiet" href=at>"Clear"</a> });
    view! {
        <form class="filters" method="get" role="search" aria-label=label>
            {inside}
            <button class="button">"Filter"</button>
            {clear}
        </form>
    }
}

/// When a day begins where the person is, so many days later; no word is no bound, and another than a date is wrong.
pub fn day_begins(date: &str, zone: &Zone, days: i64) -> Result<Option<DateTime<Utc>>, ParseError> {
    if date.is_empty() {
        return Ok(None);
    }
    let date: NaiveDate = date.parse()?;
    // At the end of the calendar there is no next day, and nothing later to leave out either.
    let Some(date) = date.checked_add_signed(TimeDelta::days(days)) else { return Ok(None) };
    Ok(Some(zone.begins(date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_person_is() {
        let begins = |date: &str, zone: &str, days| {
            let zone = Zone::parse(zone).unwrap();
            day_begins(date, &zone, days).unwrap().map(|at| at.to_rfc3339())
        };
        assert_eq!(begins("", "UTC", 0), None);
        assert_eq!(begins("2026-11-26", "UTC", 0).unwrap(), "2026-11-26T00:00:00+00:00");
        assert_eq!(begins("2026-11-26", "Europe/Berlin", 0).unwrap(), "2026-11-25T23:00:00+00:00");
        assert_eq!(
            begins("2026-10-25", "Europe/Berlin", 1).unwrap(),
            "2026-10-25T23:00:00+00:00",
            "25 hours"
        );
        assert_eq!(
            begins("2018-11-04", "America/Sao_Paulo", 0).unwrap(),
            "2018-11-04T03:00:00+00:00",
            "no midnight"
        );
        assert!(day_begins("tomorrow", &Zone::utc(), 0).is_err());
    }
}

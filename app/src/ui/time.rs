//! Times, as the clock on the wall of whoever looks shows them.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use domain::people::Zone;
use leptos::prelude::*;

use crate::visit;

fn zone() -> Zone {
    visit::me().map_or_else(Zone::utc, |me| me.zone.clone())
}

fn tagged(at: DateTime<Utc>, words: String) -> impl IntoView {
    let full = zone().local(at).format("%A, %-d %B %Y, %H:%M:%S %Z").to_string();
    view! { <time datetime=at.to_rfc3339_opts(SecondsFormat::Secs, true) title=full>{words}</time> }
}

/// `14:02:11`, where the day stands above.
pub fn clock(at: DateTime<Utc>) -> impl IntoView {
    tagged(at, zone().local(at).format("%H:%M:%S").to_string())
}

/// `14:02:11.318`, where much happens within a second.
pub fn clock_to_millis(at: DateTime<Utc>) -> impl IntoView {
    tagged(at, zone().local(at).format("%H:%M:%S%.3f").to_string())
}

/// A day of the calendar, wherever it is: `20 Nov 2026`
pub fn on_day(day: NaiveDate) -> impl IntoView {
    let words = day.format("%-d %b %Y").to_string();
    view! { <time datetime=day.to_string() title=day.format("%A").to_string()>{words}</time> }
}

/// The day it is, by the clock of whoever looks.
pub fn today(now: DateTime<Utc>) -> NaiveDate {
    zone().local(now).date_naive()
}

/// `20 Nov 2026`
pub fn date(at: DateTime<Utc>) -> impl IntoView {
    tagged(at, zone().local(at).format("%-d %b %Y").to_string())
}

/// `20 Nov 2026, 14:02`
pub fn full(at: DateTime<Utc>) -> impl IntoView {
    tagged(at, zone().local(at).format("%-d %b %Y, %H:%M").to_string())
}

/// `now`, `5 minutes ago`, `yesterday`, and a date for what is longer ago.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> impl IntoView {
    let past = now - at;
    let words = match past {
        _ if past < TimeDelta::minutes(1) => "now".to_owned(),
        _ if past < TimeDelta::minutes(2) => "a minute ago".to_owned(),
        _ if past < TimeDelta::hours(1) => format!("{} minutes ago", past.num_minutes()),
        _ if past < TimeDelta::hours(2) => "an hour ago".to_owned(),
        _ if past < TimeDelta::hours(24) => format!("{} hours ago", past.num_hours()),
        _ if past < TimeDelta::hours(48) => "yesterday".to_owned(),
        _ if past < TimeDelta::days(7) => format!("{} days ago", past.num_days()),
        _ => zone().local(at).format("%-d %b %Y").to_string(),
    };
    tagged(at, words)
}

/// `in 5 minutes`, `in 7 hours`, `in 3 days`, and `now` for what is due.
pub fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> impl IntoView {
    let left = at - now;
    let words = match left {
        _ if left <= TimeDelta::zero() => "now".to_owned(),
        _ if left < TimeDelta::minutes(2) => "in a minute".to_owned(),
        _ if left < TimeDelta::hours(2) => format!("in {} minutes", left.num_minutes()),
        _ if left < TimeDelta::hours(48) => format!("in {} hours", left.num_hours()),
        _ => format!("in {} days", left.num_days()),
    };
    tagged(at, words)
}

/// `4.2 ms`, `320 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 days`
pub fn lasting(span: TimeDelta) -> String {
    let micros = span.num_microseconds().unwrap_or(i64::MAX);
    match micros {
        ..100 => "under 0.1 ms".to_owned(),
        100..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..60_000_000 => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
        _ if span < TimeDelta::hours(1) => {
            format!("{} min {} s", span.num_minutes(), span.num_seconds() % 60)
        }
        _ if span < TimeDelta::hours(48) => format!("{} h {} min", span.num_hours(), span.num_minutes() % 60),
        _ => format!("{} days", span.num_days()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_as_fine_as_they_are_short() {
        let said = |micros: i64| lasting(TimeDelta::microseconds(micros));
        assert_eq!(
            [0, 4_230, 320_999, 3_290_000, 250_000_000, 7_500_000_000, 260_000_000_000].map(said),
            ["under 0.1 ms", "4.2 ms", "320 ms", "3.2 s", "4 min 10 s", "2 h 5 min", "3 days"]
        );
    }
}

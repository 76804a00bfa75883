//! Times, as the clock on the wall of whoever looks shows them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
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

/// `20 Nov 2026`
pub fn date(at: DateTime<Utc>) -> impl IntoView {
    tagged(at, zone().local(at).format("%-d %b %Y").to_string())
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

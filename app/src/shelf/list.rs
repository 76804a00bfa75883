use chrono::{DateTime, Utc};
use domain::audit::Thing;
use engine::page::Page;
use engine::shelf::Entry;
use leptos::prelude::*;

use super::page_of;
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, ago, pager, shown, table};
use crate::visit::query;

/// How all of a kind are listed.
pub fn list(
    thing: Thing,
    page: &Page<Entry>,
    now: DateTime<Utc>,
    one: &str,
    many: &str,
) -> impl IntoView + use<> {
    let columns: [Column; 3] = [Text(thing.label()), Number("Version"), Text("Changed")];
    let shown = shown(page.rows.len(), page.has_more, one, many);
    let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.name));
    let rows: Vec<_> = page.rows.iter().map(|entry| row(thing, entry, now)).collect();
    view! {
        {table("table", "Sorted by name", &columns, rows)}
        {pager(shown, "", query("after").is_some(), next)}
    }
}

fn row(thing: Thing, entry: &Entry, now: DateTime<Utc>) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link truncate" href=page_of(thing, &entry.name)>{entry.title.clone()}</a>
                        <span class="sub truncate mono">{entry.name.clone()}</span>
                    </span>
                </span>
            </th>
            <td class="num" data-label="Version">{entry.version}</td>
            <td data-label="Changed">{ago(entry.changed_at, now)}</td>
        </tr>
    }
}

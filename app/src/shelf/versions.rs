//! The versions of something, what is different between the one that is shown and another, and the file itself.

use chrono::{DateTime, Utc};
use engine::Error;
use engine::act::Act;
use engine::page::Page;
use engine::shelf::{Opened, Shelved, VersionLine, Versioned, difference as difference_of};
use leptos::prelude::*;

use super::difference::difference;
use super::{desk, page_of};
use crate::ui::{Heading, ago, icon, tag};
use crate::visit::query;

/// How many versions are listed beside the newest ones.
const LISTED: usize = 20;

/// One version as the address of a page names it, with what is shown about versions.
pub struct Versions<T> {
    pub opened: Opened<T>,
    lines: Page<VersionLine>,
    /// Another version, and what is different from it.
    against: Option<(i64, String)>,
}

impl<T: Shelved> Versions<T> {
    pub async fn of(kept: &Versioned<T>, act: &Act, name: &str) -> Result<Self, Error> {
        let number = |name: &str| query(name).and_then(|number| number.parse::<i64>().ok());
        let opened = kept.open(act, name, number("version")).await?;
        let lines = kept.versions(act, name, number("before"), LISTED).await?;
        // Every version is shown beside the one before it, unless another is asked for.
        let against = number("against").unwrap_or(opened.version.number - 1);
        let before = match against {
            1.. if against != opened.version.number => kept.open(act, name, Some(against)).await.ok(),
            _ => None,
        };
        let against =
            before.map(|before| (against, difference_of(&before.version.source, &opened.version.source)));
        Ok(Self { opened, lines, against })
    }

    /// What stands above the page, without what can be done there.
    pub fn heading(&self) -> Heading {
        let Opened { entry, version, what } = &self.opened;
        let newest = version.number == entry.version;
        let state = if newest { tag("ok", "Newest") } else { tag("neutral", "Older version") };
        let words = format!(" · version {}", version.number);
        Heading {
            title: what.title().to_owned(),
            beside: Some(state.into_any()),
            sub: Some(view! { <span class="mono">{entry.name.clone()}</span> {words} }.into_any()),
            above: Some(desk(T::SHELF.thing)),
            ..Heading::default()
        }
    }

    /// What is different, all versions, and the file.
    pub fn sections(&self, now: DateTime<Utc>) -> impl IntoView + use<T> {
        let Opened { entry, version, .. } = &self.opened;
        let page = page_of(T::SHELF.thing, &entry.name);
        let changes = self.against.as_ref().map(|(against, unified)| {
            let title = format!("Different from version {against}");
            let what = if unified.is_empty() {
                view! { <p class="muted">"The file is the same; what was chosen for it is not."</p> }.into_any()
            } else {
                difference(unified).into_any()
            };
            view! {
                <section class="section" aria-labelledby="difference"><h2 id="difference">{title}</h2>{what}</section>
            }
        });
        let older = self.lines.rows.last().filter(|_| self.lines.has_more).map(|last| {
            let href = format!("?version={}&before={}#versions", version.number, last.number);
            view! { <a class="button small" href=href>"Older versions"</a> }
        });
        let row = |line: &VersionLine| version_row(&page, line, version.number, entry.version, now);
        let rows: Vec<_> = self.lines.rows.iter().map(row).collect();
        view! {
            {changes}
            <section class="section" aria-labelledby="versions">
                <h2 id="versions">"Versions"</h2>
                <ul class="list card">{rows}</ul>
                {older}
            </section>
            <section class="section" aria-labelledby="source">
                <h2 id="source">"The file"</h2>
                <pre class="code" tabindex="0">{version.source.clone()}</pre>
            </section>
        }
    }
}

fn version_row(
    page: &str,
    line: &VersionLine,
    shown: i64,
    newest: i64,
    now: DateTime<Utc>,
) -> impl IntoView + use<> {
    let number = line.number;
    let mark = match (number == shown, number == newest) {
        (true, _) => Some(tag("info", "Shown")),
        (_, true) => Some(tag("ok", "Newest")),
        _ => None,
    };
    let compare = (number != shown).then(|| {
        let href = format!("{page}?version={shown}&against={number}#difference");
        view! { <a class="button small" href=href>"Compare"</a> }
    });
    let hash: String = line.hash.chars().take(12).collect();
    view! {
        <li>
            {icon("workflow")}
            <div class="grow">
                <p class="title"><a href=format!("{page}?version={number}")>{format!("Version {number}")}</a> " " {mark}</p>
                <p class="sub">{line.author_name.clone()} " · " {ago(line.applied_at, now)} " · " <span class="mono">{hash}</span></p>
            </div>
            {compare}
        </li>
    }
}

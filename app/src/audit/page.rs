use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::audit::{Action, Thing};
use domain::ids::PersonId;
use domain::people::Zone;
use engine::Error;
use engine::act::Act;
use engine::audit::{Audit, Filter, Line};
use engine::page::Page;
use engine::people::{Filter as PeopleFilter, People};
use leptos::prelude::*;

use super::lines_of_day;
use crate::ui::{Heading, empty, filter_query, icon, in_app, load, pager};
use crate::visit::{self, query};

const PAGE: usize = 50;

pub fn page() -> impl IntoView {
    load(content())
}

/// The filter as it stands in the address.
#[derive(Default)]
struct Asked {
    who: String,
    action: String,
    thing: String,
    id: String,
    from: String,
    until: String,
}

impl Asked {
    fn read() -> Self {
        let value = |name: &str| query(name).unwrap_or_default();
        Self {
            who: value("who"),
            action: value("action"),
            thing: value("thing"),
            id: value("id"),
            from: value("from"),
            until: value("until"),
        }
    }

    fn query(&self) -> String {
        filter_query(&[
            ("who", &self.who),
            ("action", &self.action),
            ("thing", &self.thing),
            ("id", &self.id),
            ("from", &self.from),
            ("until", &self.until),
        ])
    }

    fn is_empty(&self) -> bool {
        self.query().is_empty()
    }

    fn filter(&self, act: &Act, actor: Option<PersonId>) -> Result<Filter, Error> {
        let zone = act.person()?.zone.clone();
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        Ok(Filter {
            actor,
            action: some(&self.action),
            thing: some(&self.thing),
            thing_id: some(&self.id),
            from: day_begins(&self.from, &zone, 0),
            until: day_begins(&self.until, &zone, 1),
            before: query("before").and_then(|seq| seq.parse().ok()),
        })
    }
}

/// Whom the words in the filter mean.
enum Who {
    Anybody,
    One(PersonId),
    /// Nobody, or more than one: there is nothing to show, but something to say.
    Unclear(&'static str),
}

async fn whom(act: &Act, words: &str) -> Result<Who, Error> {
    if words.is_empty() {
        return Ok(Who::Anybody);
    }
    let filter = PeopleFilter { text: Some(words.to_owned()), ..PeopleFilter::default() };
    let found = expect_context::<People>().list(act, &filter, 50).await?.rows;
    let exact = found.iter().find(|person| person.email.as_str() == words.to_lowercase());
    Ok(match (exact, found.as_slice()) {
        (Some(one), _) | (None, [one]) => Who::One(one.id),
        (None, []) => Who::Unclear("Nobody here has this name or address."),
        (None, _) => Who::Unclear("Several people fit these words. Enter more of the name, or the address."),
    })
}

/// When a day begins where the person is, so many days later.
fn day_begins(date: &str, zone: &Zone, days: i64) -> Option<DateTime<Utc>> {
    let date: NaiveDate = date.parse().ok()?;
    let midnight = date.checked_add_signed(TimeDelta::days(days))?.and_time(NaiveTime::MIN);
    let there = zone.local(midnight.and_utc()).timezone();
    // Where clocks skip midnight, the day begins an hour later.
    let local = midnight.and_local_timezone(there).earliest();
    let local = local.or_else(|| (midnight + TimeDelta::hours(1)).and_local_timezone(there).earliest());
    local.map(|at| at.with_timezone(&Utc))
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let asked = Asked::read();
    act.need(domain::people::Permission::ReadAudit)?;
    let (actor, unclear) = match whom(&act, &asked.who).await? {
        Who::Anybody => (None, None),
        Who::One(id) => (Some(id), None),
        Who::Unclear(why) => (None, Some(why)),
    };
    let filter = asked.filter(&act, actor)?;
    let page = match unclear {
        None => expect_context::<Audit>().page(&act, &filter, PAGE).await?,
        Some(_) => Page { rows: Vec::new(), has_more: false },
    };
    let next =
        page.has_more.then(|| page.rows.last().map(|line| format!("?{}&before={}", asked.query(), line.seq)));
    let first = filter.before.map(|_| format!("?{}", asked.query()));
    let list = if page.rows.is_empty() {
        let action = view! { <a class="button" href="/audit">"Show everything"</a> };
        {
            let words = unclear.unwrap_or("Widen the dates, or look for another person or action.");
            empty("scroll-text", "No line fits this filter", words, action)
        }
        .into_any()
    } else {
        let words = format!(
            "Lines {} to {}",
            page.rows.first().map_or(0, |l| l.seq),
            page.rows.last().map_or(0, |l| l.seq)
        );
        view! { <div class="audit">{by_day(&page.rows, &act)}</div> {pager(words, first, next.flatten())} }
            .into_any()
    };
    let export = |format: &str, words: &'static str| {
        let href = format!("/audit/export.{format}");
        view! { <a class="button" href=href download="" data-no-prefetch="">{icon("download")}{words}</a> }
    };
    let heading = Heading {
        title: "Audit log".to_owned(),
        sub: Some("Who did what, before and after. Each line holds the hash of the line before.".into_any()),
        actions: Some(view! { {export("csv", "CSV")}{export("jsonl", "JSONL")} }.into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, view! { {filters(&asked)} {list} }))
}

fn by_day(rows: &[Line], act: &Act) -> Vec<AnyView> {
    let zone = act.person().map_or_else(|_| Zone::utc(), |me| me.zone.clone());
    let day = |line: &Line| zone.local(line.at).format("%A, %-d %B %Y").to_string();
    rows.chunk_by(|a, b| day(a) == day(b))
        .map(|chunk| {
            let title = chunk.first().map(day).unwrap_or_default();
            view! { <h2 class="audit-day">{title}</h2><ol class="audit-list">{lines_of_day(chunk)}</ol> }
                .into_any()
        })
        .collect()
}

fn filters(asked: &Asked) -> impl IntoView + use<> {
    let options = |chosen: &str, all: Vec<(&'static str, &'static str)>| -> Vec<_> {
        let chosen = chosen.to_owned();
        all.into_iter()
            .map(move |(word, label)| view! { <option value=word selected=word == chosen>{label}</option> })
            .collect()
    };
    let actions =
        options(&asked.action, Action::ALL.iter().map(|action| (action.word(), action.label())).collect());
    let things =
        options(&asked.thing, Thing::ALL.iter().map(|thing| (thing.word(), thing.label())).collect());
    let clear = (!asked.is_empty()).then(|| view! { <a class="button quiet" href="/audit">"Clear"</a> });
    view! {
        <form class="filters" method="get" role="search" aria-label="Filter the audit log">
            <div class="field search">
                <label for="who">"Person"</label>
                <div class="input-group">
                    {icon("search")}
                    <input class="input" id="who" name="who" type="search" placeholder="Name or email" value=asked.who.clone() />
                </div>
            </div>
            <div class="field">
                <label for="action">"Action"</label>
                <select class="input" id="action" name="action"><option value="">"Any"</option>{actions}</select>
            </div>
            <div class="field">
                <label for="thing">"Thing"</label>
                <select class="input" id="thing" name="thing"><option value="">"Any"</option>{things}</select>
            </div>
            <div class="field date">
                <label for="from">"From"</label>
                <input class="input" type="date" id="from" name="from" value=asked.from.clone() />
            </div>
            <div class="field date">
                <label for="until">"To"</label>
                <input class="input" type="date" id="until" name="until" value=asked.until.clone() />
            </div>
            <button class="button">"Filter"</button>
            {clear}
        </form>
    }
}

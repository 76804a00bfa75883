use domain::audit::{Action, Thing};
use domain::people::{Permission, Zone};
use engine::Error;
use engine::act::Act;
use engine::audit::{Audit, Filter, Line};
use engine::people::People;
use leptos::prelude::*;

use super::lines_of_day;
use super::wanted::{Unclear, Wanted};
use crate::ui::filters::{day, filters, pick, search};
use crate::ui::{Heading, empty, filter_query, icon, in_app, load, pager};
use crate::visit::{self, query};

const PAGE: usize = 50;

pub fn page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ReadAudit)?;
    let wanted = Wanted::read(query);
    let kept = filter_query(&wanted.pairs());
    let before = query("before").and_then(|seq| seq.parse().ok());
    let found = match wanted.filter(&act, &expect_context::<People>()).await? {
        Ok(filter) => {
            let filter = Filter { before, ..filter };
            Ok(expect_context::<Audit>().page(&act, &filter, PAGE).await?)
        }
        Err(unclear) => Err(unclear),
    };
    let list = match &found {
        Ok(page) if !page.rows.is_empty() => {
            let (newest, oldest) = (page.rows.first(), page.rows.last());
            let words = format!("Lines {} to {}", newest.map_or(0, |l| l.seq), oldest.map_or(0, |l| l.seq));
            let next = oldest.filter(|_| page.has_more).map(|line| format!("before={}", line.seq));
            let pager = pager(words, &kept, before.is_some(), next);
            view! { <div class="audit">{by_day(&page.rows, &act)}</div> {pager} }.into_any()
        }
        nothing => {
            let action = view! { <a class="button" href="/audit">"Show everything"</a> };
            let hint = "Widen the dates, or look for another person or action.";
            let words = nothing.as_ref().err().map_or(hint, |Unclear(why)| why);
            empty("scroll-text", "No line fits this filter", words, action).into_any()
        }
    };
    let export = |format: &str, words: &'static str| {
        let href = format!("/audit/export.{format}?{kept}");
        view! { <a class="button" href=href download="" data-no-prefetch="">{icon("download")}{words}</a> }
    };
    let heading = Heading {
        title: "Audit log".to_owned(),
        sub: Some("Who did what, before and after. Each line holds the hash of the line before.".into_any()),
        actions: Some(view! { {export("csv", "CSV")}{export("jsonl", "JSONL")} }.into_any()),
        ..Heading::default()
    };
    let filters = filters("Filter the audit log", "/audit", !kept.is_empty(), filter_fields(&wanted));
    Ok(in_app(heading, view! { {filters} {list} }))
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

fn filter_fields(wanted: &Wanted) -> impl IntoView + use<> {
    let actions = Action::ALL.iter().map(|action| (action.word(), action.label()));
    let things = Thing::ALL.iter().map(|thing| (thing.word(), thing.label()));
    let one_thing =
        (!wanted.id.is_empty()).then(|| view! { <input type="hidden" name="id" value=wanted.id.clone() /> });
    view! {
        {one_thing}
        {search("who", "Person", "Name or email", &wanted.who)}
        {pick("action", "Action", actions, &wanted.action)}
        {pick("thing", "Thing", things, &wanted.thing)}
        {day("from", "From", &wanted.from)}
        {day("until", "To", &wanted.until)}
    }
}

//! One line of the log: a sentence, and behind it what was before and after.

use chrono::{DateTime, Utc};
use domain::audit::{Action, Thing};
use engine::audit::Line;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::ui::{ago, avatar, clock, facts, icon_in, no_face};

/// Lines under the heading of their day.
pub fn lines_of_day(lines: &[Line]) -> Vec<AnyView> {
    lines.iter().map(|line| one(line, clock(line.at).into_any())).collect()
}

/// The latest lines, whatever their day.
pub fn latest_lines(lines: &[Line], now: DateTime<Utc>) -> Vec<AnyView> {
    lines.iter().map(|line| one(line, ago(line.at, now).into_any())).collect()
}

fn one(line: &Line, when: AnyView) -> AnyView {
    let portrait = match line.actor_id {
        Some(id) => avatar(&line.actor_name, &id.to_string(), "small").into_any(),
        None => no_face("small").into_any(),
    };
    let said =
        Action::parse(&line.action).map_or_else(|| line.action.clone(), |action| lower_first(action.label()));
    let about = (line.actor_name != line.thing_name).then(|| view! { ": " <b>{line.thing_name.clone()}</b> });
    view! {
        <li class="audit-line">
            <details>
                <summary>
                    {when}
                    {portrait}
                    <span class="what"><b>{line.actor_name.clone()}</b> " " {said}{about}</span>
                    <span class="verb">{line.action.clone()}</span>
                    {icon_in("icon chevron", "chevron-right")}
                </summary>
                <div class="audit-detail">{difference(line)}{details(line)}</div>
            </details>
        </li>
    }
    .into_any()
}

fn details(line: &Line) -> impl IntoView + use<> {
    let thing = Thing::parse(&line.thing);
    let name = line.thing_name.clone();
    let href = match thing {
        Some(Thing::Person | Thing::Session) => Some(format!("/people/{}", line.thing_id)),
        Some(Thing::Project) => Some(format!("/projects/{}", line.thing_id)),
        Some(Thing::Run) => Some(format!("/runs/{}", line.thing_id)),
        Some(Thing::Review) => Some(format!("/reviews/{}", line.thing_id)),
        Some(Thing::Workflow) => Some(format!("/workflows/{}", line.thing_id)),
        _ => None,
    };
    let what = match href {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let mono = |text: String| view! { <span class="mono">{text}</span> }.into_any();
    facts(vec![
        (thing.map_or("Thing", Thing::label), what),
        ("Line", line.seq.to_string().into_any()),
        ("Request", mono(line.request_id.clone())),
        ("Hash", mono(line.hash.clone())),
    ])
}

/// What every record has and nobody looks for.
const BOOKKEEPING: [&str; 5] = ["id", "version", "created_at", "seen_at", "person_id"];

/// What changed, side by side; what began or ended with this line, as it was.
fn difference(line: &Line) -> AnyView {
    let before = object(line.before.as_deref());
    let after = object(line.after.as_deref());
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| before.get(*name) != after.get(*name) && !BOOKKEEPING.contains(&name.as_str()));
    if names.is_empty() {
        return ().into_any();
    }
    let word = |name: &str| name.replace('_', " ");
    if before.is_empty() || after.is_empty() {
        let all = names.into_iter().filter_map(|name| Some((name, after.get(name).or(before.get(name))?)));
        let rows: Vec<_> = all
            .map(|(name, value)| view! { <div><dt>{word(name)}</dt><dd>{words(value)}</dd></div> })
            .collect();
        return view! { <dl class="facts">{rows}</dl> }.into_any();
    }
    let rows: Vec<_> = names
        .into_iter()
        .map(|name| {
            let old = before.get(name).map(|value| view! { <del>{words(value)}</del> });
            let new = after.get(name).map(|value| view! { <ins>{words(value)}</ins> });
            view! { <div><dt>{word(name)}</dt><dd>{old}</dd><dd>{new}</dd></div> }
        })
        .collect();
    view! { <dl class="diff">{rows}</dl> }.into_any()
}

fn object(json: Option<&str>) -> Map<String, Value> {
    match json.and_then(|text| serde_json::from_str(text).ok()) {
        Some(Value::Object(map)) => map,
        Some(other) => Map::from_iter([("value".to_owned(), other)]),
        None => Map::new(),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

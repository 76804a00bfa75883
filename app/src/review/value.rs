//! JSON as a person reads it: names and values, lists as lists, text as text; and what a correction has changed.

use leptos::prelude::*;
use serde_json::{Map, Value};

/// Deeper than this it is shown as it is written.
const DEEPEST: usize = 4;

/// More of a list than this nobody reads on a page.
const MOST: usize = 100;

/// A value, with those of its fields marked that gave a reason to doubt.
pub fn shown(value: &Value, doubted: &[String]) -> AnyView {
    inside(value, doubted, 0)
}

fn inside(value: &Value, doubted: &[String], depth: usize) -> AnyView {
    match value {
        Value::Object(members) if !members.is_empty() && depth < DEEPEST => object(members, doubted, depth),
        Value::Array(values) if !values.is_empty() && depth < DEEPEST => {
            let items: Vec<_> = values
                .iter()
                .take(MOST)
                .map(|value| view! { <li>{inside(value, &[], depth + 1)}</li> })
                .collect();
            let more = values.len().saturating_sub(MOST);
            let more = (more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> });
            view! { <ol class="value-list">{items}{more}</ol> }.into_any()
        }
        other => scalar(other),
    }
}

fn object(members: &Map<String, Value>, doubted: &[String], depth: usize) -> AnyView {
    let rows: Vec<_> = members
        .iter()
        .map(|(name, value)| {
            let class = if doubted.contains(name) { "doubted" } else { "" };
            let mark = doubted.contains(name).then(|| view! { <span class="sr-only">" (in doubt)"</span> });
            view! { <div class=class><dt>{name.clone()}{mark}</dt><dd>{inside(value, &[], depth + 1)}</dd></div> }
        })
        .collect();
    view! { <dl class="value">{rows}</dl> }.into_any()
}

fn scalar(value: &Value) -> AnyView {
    match value {
        Value::Null => view! { <span class="muted">"nothing"</span> }.into_any(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.into_any(),
        Value::Number(number) => view! { <span class="num">{number.to_string()}</span> }.into_any(),
        Value::String(text) if text.is_empty() => view! { <span class="muted">"empty"</span> }.into_any(),
        Value::String(text) => view! { <span class="value-text">{text.clone()}</span> }.into_any(),
        other => view! { <code>{other.to_string()}</code> }.into_any(),
    }
}

/// What became another, by its place.
pub fn changes(before: &Value, after: &Value) -> AnyView {
    let mut all = Vec::new();
    differ(String::new(), before, after, &mut all);
    let rows: Vec<_> = all
        .into_iter()
        .map(|(place, before, after)| {
            let place = if place.is_empty() { "the whole".to_owned() } else { place };
            let before = before.map(|before| view! { <dd><del>{before.to_string()}</del></dd> });
            let after = after.map(|after| view! { <dd><ins>{after.to_string()}</ins></dd> });
            view! { <div><dt class="mono">{place}</dt>{before}{after}</div> }
        })
        .collect();
    view! { <dl class="diff">{rows}</dl> }.into_any()
}

type Change<'a> = (String, Option<&'a Value>, Option<&'a Value>);

fn differ<'a>(place: String, before: &'a Value, after: &'a Value, all: &mut Vec<Change<'a>>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, before) in old {
                let place = below(&place, name);
                match new.get(name) {
                    Some(after) => differ(place, before, after, all),
                    None => all.push((place, Some(before), None)),
                }
            }
            let added = new.iter().filter(|(name, _)| !old.contains_key(*name));
            all.extend(added.map(|(name, after)| (below(&place, name), None, Some(after))));
        }
        (before, after) if before == after => {}
        (before, after) => all.push((place, Some(before), Some(after))),
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_correction_is_told_field_by_field() {
        let (before, after) =
            (json!({"a": 1, "b": {"c": 2, "d": 3}, "e": 4}), json!({"a": 1, "b": {"c": 5}, "f": 6}));
        let mut all = Vec::new();
        differ(String::new(), &before, &after, &mut all);
        let told: Vec<_> = all
            .iter()
            .map(|(place, before, after)| {
                format!("{place} {} {}", before.unwrap_or(&json!("-")), after.unwrap_or(&json!("-")))
            })
            .collect();
        assert_eq!(told, ["b.c 2 5", "b.d 3 \"-\"", "e 4 \"-\"", "f \"-\" 6"]);
    }
}

//! What was said to a model and by it, as a person reads it.

use chrono::TimeDelta;
use domain::audit::Thing;
use leptos::prelude::*;
use serde_json::Value;

use super::parts::pretty;
use crate::shelf::page_of;
use crate::ui::{dollars, facts, lasting, tag};

/// A talk, if that is what was kept beside a try.
pub fn talk(kept: &Value) -> Option<AnyView> {
    let exchanges = kept.get("exchanges")?.as_array()?;
    let count = |name: &str| kept.get(name).and_then(Value::as_i64);
    let mut pairs = vec![
        ("Model", picked(Thing::Model, kept.get("model")?)),
        ("Prompt", picked(Thing::Prompt, kept.get("prompt")?)),
    ];
    if let (Some(read), Some(written)) = (count("tokens_in"), count("tokens_out")) {
        pairs.push(("Tokens", format!("{read} in, {written} out").into_any()));
    }
    if let Some(cost) = count("cost") {
        pairs.push(("Cost", dollars(cost).into_any()));
    }
    if let Some(share) = kept.get("agreement").and_then(Value::as_f64) {
        pairs.push(("Agreement", percent(share).into_any()));
    }
    let messages: Vec<_> =
        kept.get("messages").and_then(Value::as_array).into_iter().flatten().map(message).collect();
    let exchanges: Vec<_> = exchanges.iter().map(exchange).collect();
    let view = view! {
        {facts(pairs)}
        <details class="said">
            <summary>"What it was asked"</summary>
            <div class="stack tight">{messages}</div>
        </details>
        <ol class="exchanges">{exchanges}</ol>
    };
    Some(view.into_any())
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The link to the version that was used.
fn picked(thing: Thing, asked: &Value) -> AnyView {
    let name = text(asked, "name");
    let id = Some(text(asked, "id"))
        .filter(|id| !id.is_empty())
        .map(|id| view! { " " <span class="muted mono">{id.to_owned()}</span> });
    let Some(version) = asked.get("version").and_then(Value::as_i64) else {
        return view! { {name.to_owned()} {id} }.into_any();
    };
    let href = format!("{}?version={version}", page_of(thing, name));
    view! { <a href=href>{format!("{name}, version {version}")}</a> {id} }.into_any()
}

fn message(message: &Value) -> impl IntoView + use<> {
    let who = match text(message, "role") {
        "system" => "The system",
        "assistant" => "The model",
        _ => "The user",
    };
    view! {
        <h3 class="muted">{who}</h3>
        <pre class="code wrap" tabindex="0">{text(message, "content").to_owned()}</pre>
    }
}

fn exchange(exchange: &Value) -> impl IntoView + use<> {
    let why = match text(exchange, "why") {
        "repair" => "Told what was wrong, it answered",
        "sample" => "One of several answers",
        _ => "It answered",
    };
    let took = exchange
        .get("took_ms")
        .and_then(Value::as_i64)
        .map(|millis| lasting(TimeDelta::milliseconds(millis)));
    let likely = exchange.get("likely").and_then(Value::as_f64);
    let likely = likely.map(|likely| format!(" · its words were {} likely", percent(likely)));
    let said = exchange.get("said").and_then(Value::as_str).map(pretty);
    let wrong: Vec<_> = exchange
        .get("wrong")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|wrong| view! { <li>{wrong.to_owned()}</li> })
        .collect();
    let unfit = (!wrong.is_empty()).then(|| view! { <ul class="wrong">{wrong}</ul> });
    let mark = if unfit.is_some() { tag("bad", "Does not fit") } else { tag("ok", "Fits") };
    let answered = said.is_some().then_some(mark);
    view! {
        <li>
            <p class="row between"><span>{if said.is_some() { why } else { "There was no answer" }} {took.map(|took| format!(" after {took}"))} {likely}</span> {answered}</p>
            {unfit}
            {said.map(|said| view! { <pre class="code wrap" tabindex="0">{said}</pre> })}
        </li>
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

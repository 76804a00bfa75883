use std::sync::Arc;

use engine::Error;
use leptos::prelude::*;
use serde_json::Value;

use super::schema::{Member, Operation, answer, body, operations, parameters, text};
use crate::ui::{Heading, in_app, load, plain};
use crate::visit;

/// The OpenAPI document; the host brings it.
#[derive(Clone)]
pub struct Description(pub Arc<Value>);

pub fn page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let Description(document) = expect_context::<Description>();
    let groups: Vec<_> =
        document["tags"].as_array().into_iter().flatten().map(|tag| group(&document, tag)).collect();
    let intro = text(&document["info"]["description"]);
    let base = visit::base_url();
    let example = format!("curl -H \"Authorization: Bearer $TOKEN\" {base}/api/v1/projects");
    let content = view! {
        <div class="prose">
            <p>{marked(&intro)}</p>
            <pre class="code" tabindex="0">{example}</pre>
            <p>
                "For programs: " <a href="/api/v1/openapi.json" data-no-prefetch="">"openapi.json"</a>
                " (OpenAPI 3.1). What goes wrong is answered as " <code>"application/problem+json"</code>
                " with a sentence in " <code>"detail"</code> " and the fields in " <code>"errors"</code> "."
            </p>
        </div>
        {groups}
    };
    if visit::me().is_some() {
        Ok(in_app(Heading { title: "API".to_owned(), ..Heading::default() }, content))
    } else {
        Ok(plain("API", view! { <header><h1>"API"</h1></header> {content} }))
    }
}

fn group(document: &Value, tag: &Value) -> AnyView {
    let name = text(&tag["name"]);
    let all: Vec<_> = operations(document, &name).iter().map(|operation| one(document, operation)).collect();
    view! {
        <section class="section" aria-labelledby=format!("api-{name}")>
            <h2 id=format!("api-{name}")>{text(&tag["description"])}</h2>
            <div class="stack">{all}</div>
        </section>
    }
    .into_any()
}

fn one(document: &Value, operation: &Operation<'_>) -> AnyView {
    let what = operation.what;
    let (status, comes) = answer(document, what);
    let parameters = table("In the address", parameters(what));
    let sent = table("Send as JSON", body(document, what));
    let comes = table(&format!("Comes back with {status}"), comes);
    let said = what["description"].as_str().map(|said| view! { <p>{marked(said)}</p> });
    view! {
        <details class="card api-operation">
            <summary>
                <span class="tag info">{operation.method.to_uppercase()}</span>
                " "
                <code>{format!("/api/v1{}", operation.path)}</code>
                " "
                <span class="muted">{text(&what["summary"])}</span>
            </summary>
            <div class="card-body stack">{said}{parameters}{sent}{comes}</div>
        </details>
    }
    .into_any()
}

/// What stands between backticks is code.
fn marked(text: &str) -> Vec<AnyView> {
    let parts = text.split('`').enumerate();
    let part = |(place, part): (usize, &str)| match place % 2 {
        0 => part.to_owned().into_any(),
        _ => view! { <code>{part.to_owned()}</code> }.into_any(),
    };
    parts.map(part).collect()
}

fn table(title: &str, members: Vec<Member>) -> Option<AnyView> {
    if members.is_empty() {
        return None;
    }
    let rows: Vec<_> = members
        .into_iter()
        .map(|member| {
            let required = if member.required { "" } else { "optional" };
            view! {
                <tr>
                    <th scope="row"><code>{member.name}</code></th>
                    <td data-label="Type">{member.kind} " " <span class="muted">{required}</span></td>
                    <td data-label="Meaning" class="wide">{marked(&member.said)}</td>
                </tr>
            }
        })
        .collect();
    let view = view! {
        <div class="table-wrap">
            <table class="table compact">
                <caption>{title.to_owned()}</caption>
                <thead class="sr-only"><tr><th scope="col">"Name"</th><th scope="col">"Type"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    Some(view.into_any())
}

use domain::people::Permission;
use domain::project::ProjectStatus;
use engine::Error;
use engine::project::{Filter, Projects};
use engine::workflow::Workflows;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::{Map, Value, json};

use crate::ui::{Field, FormState, Heading, field, form, icon, in_app, load, select, text_area};
use crate::visit;

const MOST_PROJECTS: usize = 200;

/// How deep a schema is followed to write an item down that somebody can fill in.
const DEEPEST: usize = 6;

pub fn start_page() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    load(content(name))
}

async fn content(name: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::StartRuns)?;
    let opened = expect_context::<Workflows>().open(&act, &name, None).await?;
    let state = FormState::of("start_run");
    let blank = opened.what.input.as_ref().map_or_else(|| json!({}), blank);
    let blank = serde_json::to_string_pretty(&blank)?;
    let input = Field {
        name: "input",
        label: "Input",
        hint: "JSON that fits the schema of the workflow. What it needs is written down already.",
        value: blank,
        ..Field::default()
    };
    let key = Field {
        name: "key",
        label: "Key",
        hint: "What you call this item. The same key again is the same run.",
        autocomplete: "off",
        optional: true,
        ..Field::default()
    };
    let projects = expect_context::<Projects>().list(&act, &Filter::default(), MOST_PROJECTS).await?.rows;
    let open = projects.into_iter().filter(|project| project.status != ProjectStatus::Closed);
    let none = (String::new(), "None".to_owned());
    let projects =
        open.map(|it| (it.code.as_str().to_owned(), format!("{} · {}", it.code.as_str(), it.name.as_str())));
    let project = Field { name: "project", label: "Project", optional: true, ..Field::default() };
    let inside = view! {
        <input type="hidden" name="workflow" value=name.clone() />
        {text_area(&state, input, "14")}
        {select(&state, project, std::iter::once(none).chain(projects))}
        {field(&state, key)}
        <div class="form-actions">
            <button class="button primary">{icon("play")}"Start"</button>
            <a class="button quiet" href=format!("/workflows/{name}")>"Leave it"</a>
        </div>
    };
    let heading = Heading {
        title: "Start a run".to_owned(),
        sub: Some(format!("{}, version {}", opened.what.title, opened.version.number).into_any()),
        above: Some(("Workflows", "/workflows")),
        narrow: true,
        ..Heading::default()
    };
    Ok(in_app(heading, view! { <div class="card"><div class="card-body">{form(&state, inside)}</div></div> }))
}

/// An item with everything a schema names, to be filled in.
pub fn blank(schema: &Value) -> Value {
    blank_at(schema, 0)
}

fn blank_at(schema: &Value, depth: usize) -> Value {
    if let Some(given) = ["default", "const"].iter().find_map(|word| schema.get(word)) {
        return given.clone();
    }
    if let Some(first) = ["enum", "examples"].iter().find_map(|word| schema.get(word)?.get(0)) {
        return first.clone();
    }
    let kind = schema.get("type").and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
    match kind.unwrap_or("object") {
        "string" => json!(""),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
        "boolean" => json!(false),
        "array" if depth < DEEPEST => {
            schema.get("items").map_or_else(|| json!([]), |item| json!([blank_at(item, depth + 1)]))
        }
        "array" => json!([]),
        "null" => Value::Null,
        _ if depth < DEEPEST => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let members =
                properties.into_iter().flatten().map(|(name, of)| (name.clone(), blank_at(of, depth + 1)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_schema_names_is_written_down() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "kind": { "enum": ["a", "b"] },
                "cents": { "type": ["integer", "null"], "minimum": 1 },
                "lines": { "type": "array", "items": { "type": "object", "properties": { "ok": { "type": "boolean" } } } },
                "else": {},
            },
        });
        let expected = json!({ "name": "", "kind": "a", "cents": 1, "lines": [{ "ok": false }], "else": {} });
        assert_eq!(blank(&schema), expected);
        let endless = json!({ "type": "array", "items": { "type": "array", "items": true } });
        assert_eq!(blank(&endless), json!([[{}]]));
    }
}

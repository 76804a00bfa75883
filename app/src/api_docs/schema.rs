//! The parts of an OpenAPI document that a reader wants.

use serde_json::Value;

/// One thing the API can do.
pub struct Operation<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub what: &'a Value,
}

/// One value that goes in or comes out.
pub struct Member {
    pub name: String,
    pub kind: String,
    pub required: bool,
    pub said: String,
}

/// The operations of a group, in the order of their addresses.
pub fn operations<'a>(document: &'a Value, tag: &str) -> Vec<Operation<'a>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, what)| Operation { method, path, what })
    });
    all.filter(|operation| operation.what["tags"][0] == tag).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What stands in the path and the query.
pub fn parameters(what: &Value) -> Vec<Member> {
    let parameters = what["parameters"].as_array().into_iter().flatten();
    parameters
        .map(|parameter| Member {
            name: format!("{} ({})", text(&parameter["name"]), text(&parameter["in"])),
            kind: kind(&parameter["schema"]),
            required: parameter["required"] == true,
            said: text(&parameter["description"]),
        })
        .collect()
}

/// The members of the body that is sent.
pub fn body(document: &Value, what: &Value) -> Vec<Member> {
    members(document, &what["requestBody"]["content"]["application/json"]["schema"])
}

/// The members of what comes back when all goes well.
pub fn answer(document: &Value, what: &Value) -> (String, Vec<Member>) {
    let responses = what["responses"].as_object();
    let good = responses.and_then(|all| all.iter().find(|(status, _)| status.starts_with('2')));
    good.map_or_else(Default::default, |(status, response)| {
        (status.clone(), members(document, &response["content"]["application/json"]["schema"]))
    })
}

fn members(document: &Value, schema: &Value) -> Vec<Member> {
    let schema = if schema["type"] == "array" { &schema["items"] } else { schema };
    let schema = resolve(document, schema);
    let required = schema["required"].as_array();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, property)| Member {
            name: name.clone(),
            kind: kind(property),
            required: required.is_some_and(|all| all.iter().any(|one| one == name)),
            said: text(&property["description"]),
        })
        .collect()
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return name.to_owned();
    }
    let word = match &schema["type"] {
        Value::Array(words) => words.iter().find(|word| *word != "null").map(text).unwrap_or_default(),
        word => text(word),
    };
    match (word.as_str(), schema["format"].as_str()) {
        ("array", _) => format!("list of {}", kind(&schema["items"])),
        (_, Some(format @ ("uuid" | "date-time"))) => format.to_owned(),
        _ => word,
    }
}

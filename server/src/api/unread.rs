//! A JSON body that does not fit, in the words of whoever wrote it: which member, what is there, what would be right.
//! The parser's own sentences speak of Rust types and byte columns.

use domain::{Fault, FaultKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a body that holds exactly what is known.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    // Where it went wrong is asked only when it did: keeping track of the place costs, and nearly all bodies fit.
    serde_json::from_slice(bytes).map_err(|error| {
        let mut source = serde_json::Deserializer::from_slice(bytes);
        let traced = serde_path_to_error::deserialize::<_, T>(&mut source).err();
        let at = traced.map(|traced| place(traced.path()));
        explain(at.unwrap_or_default(), &error)
    })
}

/// As [`read`], for one of several that were read already.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| explain(place(error.path()), error.inner()))
}

/// What is wrong with a query, from what its reader says: the parameter, a colon and the reason, or the reason alone.
pub fn query(said: &str) -> Fault {
    let said = said.trim_start_matches("Failed to deserialize query string: ");
    let named = said.split_once(": ").filter(|(name, _)| !name.contains([' ', '`']));
    let (name, (member, sentence)) = match named {
        Some((name, reason)) => (Some(name), reword(reason)),
        None => (None, reword(said)),
    };
    match member.or(name) {
        Some(name) => Fault {
            message: format!("The parameter `{name}` does not fit. {sentence}"),
            ..Fault::field(name, sentence)
        },
        None => Fault::invalid(format!("The query does not fit. {sentence}")),
    }
}

/// `at` is where the reader stood, which for a member that is missing or unknown may be the object around it.
fn explain(at: String, error: &serde_json::Error) -> Fault {
    if !error.is_data() {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = if error.is_eof() { "It ends too early" } else { "It is not JSON" };
        return Fault::new(FaultKind::Malformed, format!("The body cannot be read. {what}, at {place}."));
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
    let (member, sentence) = reword(text);
    let at = member.map_or_else(|| at.clone(), |member| below(&at, member));
    let message = if at.is_empty() {
        format!("The body does not fit. {sentence}")
    } else {
        format!("The body does not fit, at {at}. {sentence}")
    };
    let fault = Fault::new(FaultKind::Invalid, message);
    if at.is_empty() { fault } else { Fault { message: fault.message, ..Fault::field(at, sentence) } }
}

/// The sentence of the parser in plain words, and the member it is about where that stands in the sentence only.
fn reword(text: &str) -> (Option<&str>, String) {
    if let Some(name) = quoted(text, "missing field `") {
        return (Some(name), "This is missing.".to_owned());
    }
    if let Some(name) = quoted(text, "duplicate field `") {
        return (Some(name), "This is there twice.".to_owned());
    }
    if let Some(name) = quoted(text, "unknown field `") {
        let known = text.split_once("expected ").map(|(_, known)| known.trim_start_matches("one of "));
        let known = known
            .map_or_else(|| "No member is known here.".to_owned(), |known| format!("Known here: {known}."));
        return (Some(name), format!("There is no such member. {known}"));
    }
    if let Some(name) = quoted(text, "unknown variant `") {
        let known = text.split_once("expected ").map_or("", |(_, known)| known.trim_start_matches("one of "));
        return (None, format!("`{name}` is none of what can stand here: {known}."));
    }
    // Numbers and switches of a query, which is text all through.
    let of_text = match text {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "This has to be a whole number."
        }
        "number too large to fit in target type" | "number too small to fit in target type" => {
            "This number is beyond what can stand here."
        }
        "provided string was not `true` or `false`" => "This has to be true or false.",
        _ => "",
    };
    if !of_text.is_empty() {
        return (None, of_text.to_owned());
    }
    let other = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "));
    if let Some((found, wanted)) = other.and_then(|other| other.rsplit_once(", expected ")) {
        return (None, format!("This has to be {}, and is {}.", plain(wanted), plain(found)));
    }
    // What our own types say when they refuse a value is a sentence already.
    let mut letters = text.trim_end_matches('.').chars();
    let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    (None, format!("{}.", capital.unwrap_or_default()))
}

fn quoted<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    text.strip_prefix(before)?.split_once('`').map(|(name, _)| name)
}

/// A type as people call it.
fn plain(words: &str) -> String {
    let whole = ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];
    let rest = |prefix: &str| words.strip_prefix(prefix).map(str::to_owned);
    match words {
        _ if whole.contains(&words) => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" | "sequence" => "a list".to_owned(),
        "a map" | "map" => "an object".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "unit" | "unit value" | "null" => "null".to_owned(),
        _ if words.starts_with("struct ") || words.starts_with("internally tagged enum ") => {
            "an object".to_owned()
        }
        _ if words.starts_with("tuple ") || words.starts_with("an array ") => "a list".to_owned(),
        _ => rest("string ")
            .map(|text| format!("the text {text}"))
            .or_else(|| rest("integer ").map(|text| format!("the number {}", text.replace('`', ""))))
            .or_else(|| rest("floating point ").map(|text| format!("the number {}", text.replace('`', ""))))
            .or_else(|| rest("boolean ").map(|text| text.replace('`', "")))
            .unwrap_or_else(|| words.to_owned()),
    }
}

fn place(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut at = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => at = below(&at, &index.to_string()),
            Segment::Map { key } => at = below(&at, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    at
}

/// A member below a place: a JSON pointer (RFC 6901) without its first stroke, so that a member of the body is called by its
/// name.
fn below(at: &str, member: &str) -> String {
    let member = member.replace('~', "~0").replace('/', "~1");
    match at {
        "" => member,
        _ if at == member || at.ends_with(&format!("/{member}")) => at.to_owned(),
        _ => format!("{at}/{member}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what stands in the way of reading it matters")]
    struct Order {
        lines: Vec<Line>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what stands in the way of reading it matters")]
    struct Line {
        count: u32,
        kind: Kind,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Small,
        Large,
    }

    #[test]
    fn what_does_not_fit_is_said_where_it_stands() {
        let cases = [
            (
                r#"{"lines":[{"count":"x","kind":"small"}]}"#,
                "lines/0/count",
                "This has to be a whole number, and is the text \"x\".",
            ),
            (
                r#"{"lines":[{"count":1,"kind":"small"},{"count":-1,"kind":"large"}]}"#,
                "lines/1/count",
                "This has to be a whole number, and is the number -1.",
            ),
            (r#"{"lines":[{"kind":"small"}]}"#, "lines/0/count", "This is missing."),
            (
                r#"{"lines":[{"count":1,"kind":"huge"}]}"#,
                "lines/0/kind",
                "`huge` is none of what can stand here: `small` or `large`.",
            ),
            (r#"{"lines":[],"colour":1}"#, "colour", "There is no such member. Known here: `lines`."),
            (
                r#"{"lines":[{"count":1,"kind":"small","a/b":1}]}"#,
                "lines/0/a~1b",
                "There is no such member. Known here: `count` or `kind`.",
            ),
            (r#"{"lines":7}"#, "lines", "This has to be a list, and is the number 7."),
            (r#"{"lines":null}"#, "lines", "This has to be a list, and is null."),
            ("7", "", ""),
        ];
        for (body, at, message) in cases {
            let fault = read::<Order>(body.as_bytes()).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Invalid, "{body}");
            if at.is_empty() {
                assert!(fault.fields.is_empty(), "{body}: {fault:?}");
                continue;
            }
            assert_eq!((&*fault.fields[0].field, &*fault.fields[0].message), (at, message), "{body}");
        }
    }

    #[test]
    fn a_query_is_refused_by_the_name_of_its_parameter() {
        let cases = [
            (
                "Failed to deserialize query string: limit: invalid digit found in string",
                Some("limit"),
                "This has to be a whole number.",
            ),
            (
                "Failed to deserialize query string: unknown field `x`, expected `a` or `b`",
                Some("x"),
                "There is no such member. Known here: `a` or `b`.",
            ),
            ("Failed to deserialize query string", None, "Failed to deserialize query string."),
        ];
        for (said, name, sentence) in cases {
            let fault = query(said);
            assert_eq!(fault.fields.first().map(|field| &*field.field), name, "{said}");
            assert!(fault.message.ends_with(sentence), "{}", fault.message);
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in ["", "{", "<html>", "{\"lines\":[]} and more"] {
            let fault = read::<Order>(body.as_bytes()).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Malformed, "{body}");
            assert!(!fault.message.contains("expected"), "{}", fault.message);
        }
    }
}

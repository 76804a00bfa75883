//! YAML, and so JSON, as a tree that knows where each value stands.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use super::Misread;

/// Deeper than anybody writes, and shallow enough for any stack.
const DEEPEST: usize = 64;

/// A value and where it begins.
#[derive(Clone, Debug)]
pub struct Node {
    pub at: Place,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// Plain if it was written without quotes: only then can it be a number, true, false or null.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug)]
pub struct Key {
    pub at: Place,
    pub name: String,
}

/// Line and column, as editors count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl From<Marker> for Place {
    fn from(marker: Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// Reads one document. Anchors, aliases and tags are refused: a file that means more than it says is hard to review.
pub fn tree(text: &str) -> Result<Node, Misread> {
    // Some editors write a mark at the beginning.
    let text = text.trim_start_matches('\u{feff}');
    refuse_hidden(text)?;
    let mut events = Events { parser: Parser::new_from_str(text), last: Place::default() };
    loop {
        match events.next()? {
            (Event::DocumentStart(_), _) => break,
            (Event::StreamEnd, at) => return Err(Misread::at(at, "The file is empty.")),
            _ => {}
        }
    }
    let (event, at) = events.next()?;
    let root = events.node(event, at, 0)?;
    loop {
        match events.next()? {
            (Event::DocumentStart(_), at) => {
                return Err(Misread::at(
                    at,
                    "A second document begins here. Put each workflow in a file of its own.",
                ));
            }
            (Event::StreamEnd, _) => return Ok(root),
            _ => {}
        }
    }
}

/// Characters nobody sees: a parser may stop at one, and some make text read otherwise than it is.
fn refuse_hidden(text: &str) -> Result<(), Misread> {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    for (line, content) in text.lines().enumerate() {
        if let Some(column) = content.chars().position(hidden) {
            let at = Place { line: line + 1, column: column + 1 };
            return Err(Misread::at(at, "An invisible control character stands here. Remove it."));
        }
    }
    Ok(())
}

struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    last: Place,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Place), Misread> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.last = span.start.into();
                Ok((event, self.last))
            }
            Some(Err(error)) => {
                let message = format!("This is not YAML: {}.", error.info().trim_end_matches('.'));
                Err(Misread::at((*error.marker()).into(), message))
            }
            None => Ok((Event::StreamEnd, self.last)),
        }
    }

    fn node(&mut self, event: Event<'a>, at: Place, depth: usize) -> Result<Node, Misread> {
        if depth > DEEPEST {
            return Err(Misread::at(at, format!("This is nested more than {DEEPEST} deep.")));
        }
        let what = match event {
            Event::Scalar(_, _, 1.., _) | Event::SequenceStart(1.., _) | Event::MappingStart(1.., _) => {
                return Err(Misread::at(at, "Anchors (&name) are not taken. Write the value out."));
            }
            Event::Alias(_) => {
                return Err(Misread::at(at, "Aliases (*name) are not taken. Write the value out."));
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                return Err(Misread::at(at, "Tags (!name) are not taken."));
            }
            // Written as an escape, it is seen only now; PostgreSQL keeps it nowhere.
            Event::Scalar(text, ..) if text.contains('\0') => {
                return Err(Misread::at(at, "This text holds a NUL character. Remove it."));
            }
            Event::Scalar(text, style, ..) => {
                What::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain }
            }
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.map(depth)?,
            _ => return Err(Misread::at(at, "A value is missing here.")),
        };
        Ok(Node { at, what })
    }

    fn list(&mut self, depth: usize) -> Result<What, Misread> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(What::List(items)),
                (event, at) => items.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<What, Misread> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(What::Map(entries));
            }
            let Node { what: What::Scalar { text: name, .. }, .. } = self.node(event, at, depth + 1)? else {
                return Err(Misread::at(at, "A name must be a word, not a list or a map."));
            };
            if let Some(first) = lines.insert(name.clone(), at.line) {
                let message = format!("“{name}” stands here a second time; the first is in line {first}.");
                return Err(Misread::at(at, message));
            }
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at, depth + 1)?;
            entries.push((Key { at, name }, value));
        }
    }
}

impl Node {
    /// The value without its places, for what is JSON anyway, like a schema. Scalars mean what YAML 1.2 says.
    pub fn to_json(&self) -> Value {
        match &self.what {
            What::Scalar { text, plain: false } => Value::String(text.clone()),
            What::Scalar { text, plain: true } => plain(text),
            What::List(items) => items.iter().map(Self::to_json).collect(),
            What::Map(entries) => entries
                .iter()
                .map(|(key, value)| (key.name.clone(), value.to_json()))
                .collect::<Map<_, _>>()
                .into(),
        }
    }

    /// Whether it is a map with that name in it.
    pub fn has(&self, name: &str) -> bool {
        matches!(&self.what, What::Map(entries) if entries.iter().any(|(key, _)| key.name == name))
    }

    /// What it is, for a message about what it should have been.
    pub const fn word(&self) -> &'static str {
        match self.what {
            What::Scalar { .. } => "a single value",
            What::List(_) => "a list",
            What::Map(_) => "a map",
        }
    }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    // What parses as a number but is written as a word (inf, nan) is a word.
    let like_a_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let number = text.parse::<f64>().ok().filter(|_| like_a_number).and_then(Number::from_f64);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_what_yaml_says() {
        let text = "a: 1\nb: [1.5, true, ~, 'true', \"1\", 007x, -3, .5, inf]\nc: {d: |\n  two\n  lines\n}\n";
        let value = tree(text).unwrap().to_json();
        assert_eq!(value["b"], json!([1.5, true, null, "true", "1", "007x", -3, 0.5, "inf"]));
        assert_eq!(tree("{\"a\": {\"b\": [1, \"x\"]}}").unwrap().to_json(), json!({"a": {"b": [1, "x"]}}));
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        let wrong = |text: &str| {
            let misread = tree(text).unwrap_err();
            (misread.at.line, misread.at.column, misread.message)
        };
        assert!(matches!(wrong("a: 1\nb: 2\na: 3\n"), (3, 1, message) if message.contains("line 1")));
        assert!(matches!(wrong("a: &x 1\nb: *x\n"), (1, _, message) if message.contains("Anchors")));
        assert!(matches!(wrong("a: !!str 1\n"), (1, _, message) if message.contains("Tags")));
        assert!(matches!(wrong("a: [1\nb: 2\n"), (_, _, message) if message.starts_with("This is not YAML")));
        assert!(matches!(wrong("a: 1\n---\nb: 2\n"), (2, 1, message) if message.contains("second document")));
        assert!(matches!(wrong("a: 1\nb: \0\n"), (2, 4, message) if message.contains("invisible")));
        assert!(tree("\u{feff}a: 1\n").is_ok());
        assert!(matches!(wrong(""), (_, _, message) if message.contains("empty")));
        let deep: String = (0..100).flat_map(|depth| [" ".repeat(depth), "a:\n".to_owned()]).collect();
        assert!(matches!(wrong(&deep), (_, _, message) if message.contains("deep")));
        assert!(matches!(wrong(&"[".repeat(500)), (1, _, message) if message.contains("limit")));
    }
}

//! From a question to an answer: the schema is filled with what stands in the text behind words like its names.

use serde_json::{Map, Value, json};

use crate::chance::{chance, one_of};

/// Where a schema stands in words begins behind this.
const IN_WORDS: &str = "JSON Schema";

/// What a sure and an unsure finding are worth.
const SURE: f64 = 0.97;
const UNSURE: f64 = 0.55;

/// The longest text that is taken for one where nothing better is found.
const LONGEST: usize = 160;

/// A question, as far as it matters here.
pub struct Question<'a> {
    /// What the user has said, without what the system was told.
    pub text: &'a str,
    pub schema: Option<Value>,
    pub seed: u64,
    /// Whether what it says has drifted away from what it should.
    pub drifted: bool,
}

/// What it says, and how sure it is of that.
pub struct Answer {
    pub text: String,
    pub sure: f64,
}

impl Question<'_> {
    pub fn answer(&self) -> Answer {
        match &self.schema {
            Some(schema) => {
                let (value, sure) = self.fill(schema, "");
                Answer { text: value.to_string(), sure }
            }
            None => Answer { text: self.prose(), sure: SURE },
        }
    }

    /// A value for a schema, and how sure one can be of it.
    fn fill(&self, schema: &Value, name: &str) -> (Value, f64) {
        if let Some(fixed) = schema.get("const") {
            return (fixed.clone(), SURE);
        }
        if let Some(options) = schema.get("enum").and_then(Value::as_array).filter(|all| !all.is_empty()) {
            return self.choose(options, name);
        }
        match kind(schema) {
            "object" => self.object(schema),
            "array" => self.array(schema, name),
            "integer" | "number" => self.number(schema, name),
            "boolean" => self.truth(name),
            "null" => (Value::Null, SURE),
            _ => self.words(schema, name),
        }
    }

    /// Its fields one by one; last those that say how sure it is of the others.
    fn object(&self, schema: &Value) -> (Value, f64) {
        let empty = Map::new();
        let fields = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let (about, of): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| says_how_sure(name));
        let mut members = Map::new();
        let mut sure = Map::new();
        for (name, schema) in of {
            let (value, certain) = self.fill(schema, name);
            members.insert(name.clone(), value);
            sure.insert(name.clone(), json!(certain));
        }
        let each: Vec<f64> = sure.values().filter_map(Value::as_f64).collect();
        let least = each.iter().copied().fold(SURE, f64::min);
        for (name, schema) in about {
            let value = if kind(schema) == "object" { Value::Object(sure.clone()) } else { json!(least) };
            members.insert(name.clone(), value);
        }
        (Value::Object(members), least)
    }

    fn array(&self, schema: &Value, name: &str) -> (Value, f64) {
        let items = schema.get("items").cloned().unwrap_or_else(|| json!({ "type": "string" }));
        let Some(found) = self.behind(name) else {
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or_default();
            let each = (0..least).map(|_| self.fill(&items, name).0).collect();
            return (Value::Array(each), UNSURE);
        };
        let one = |part: &str| Question { text: part, schema: None, ..*self }.fill(&items, "").0;
        (found.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).map(one).collect(), SURE)
    }

    /// The option that the text names, or else one by chance.
    fn choose(&self, options: &[Value], name: &str) -> (Value, f64) {
        let text = self.behind(name).unwrap_or(self.text).to_lowercase();
        let named = |option: &&Value| {
            option.as_str().is_some_and(|word| text.contains(&word.to_lowercase().replace('_', " ")))
        };
        let found = options.iter().find(named);
        if let (Some(found), false) = (found, self.drifted) {
            return (found.clone(), SURE);
        }
        let others: Vec<_> = options.iter().filter(|option| Some(*option) != found).collect();
        let by_chance = others.get(one_of(others.len(), chance(self.seed, name, self.text)));
        (by_chance.or(found.as_ref()).map_or(Value::Null, |value| (*value).clone()), UNSURE)
    }

    fn number(&self, schema: &Value, name: &str) -> (Value, f64) {
        let found = self.behind(name).and_then(first_number);
        let sure = if found.is_some() { SURE } else { UNSURE };
        let bound = |which: &str| schema.get(which).and_then(Value::as_f64);
        let number = found.or_else(|| first_number(self.text)).unwrap_or_default();
        let number = if self.drifted { number * 10.0 } else { number };
        let number =
            number.max(bound("minimum").unwrap_or(f64::MIN)).min(bound("maximum").unwrap_or(f64::MAX));
        #[expect(clippy::cast_possible_truncation, reason = "a number of a text")]
        let value = if kind(schema) == "integer" { json!(number.round() as i64) } else { json!(number) };
        (value, sure)
    }

    fn truth(&self, name: &str) -> (Value, f64) {
        let found = self.behind(name).map(str::to_lowercase);
        let is_so = match &found {
            Some(words) => ["yes", "true", "ja", "sim"].iter().any(|yes| words.starts_with(yes)),
            None => self.text.to_lowercase().contains(&in_words(name)),
        };
        (json!(is_so != self.drifted), if found.is_some() { SURE } else { UNSURE })
    }

    fn words(&self, schema: &Value, name: &str) -> (Value, f64) {
        let most =
            schema.get("maxLength").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
        let most = most.unwrap_or(LONGEST).min(LONGEST * 10);
        let short = |text: &str| json!(text.trim().chars().take(most).collect::<String>());
        match self.behind(name) {
            Some(found) if !self.drifted => (short(found), SURE),
            Some(found) => (short(&found.chars().rev().collect::<String>()), UNSURE),
            None => (short(self.text.trim().lines().next().unwrap_or_default()), UNSURE),
        }
    }

    /// What stands behind a label like the name of a field, to the end of its line.
    fn behind(&self, name: &str) -> Option<&str> {
        if name.is_empty() {
            return None;
        }
        let label = in_words(name);
        self.text.lines().find_map(|line| {
            let (before, behind) = line.split_once(':')?;
            let before = before.trim().trim_start_matches(['-', '*', ' ']).to_lowercase();
            (before == label && !behind.trim().is_empty()).then(|| behind.trim())
        })
    }

    /// Words about the text, for whoever asks for no schema.
    fn prose(&self) -> String {
        let first = self.text.trim().split(['.', '\n']).next().unwrap_or_default().trim();
        let first: String = first.chars().take(LONGEST).collect();
        if self.drifted { format!("{} {first}", first.to_uppercase()) } else { format!("{first}.") }
    }
}

/// The schema that a request holds, in its own place or in the words of its messages.
pub fn schema_in(body: &Value, system: &str) -> Option<Value> {
    let own = body.pointer("/response_format/json_schema/schema").cloned();
    own.or_else(|| {
        let behind = &system[system.find(IN_WORDS)?..];
        serde_json::from_str(behind.split_once('\n')?.1.trim()).ok()
    })
}

fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

fn says_how_sure(name: &str) -> bool {
    ["confidence", "sure", "certainty"].contains(&name)
}

/// `invoice_number` as it stands in a text.
fn in_words(name: &str) -> String {
    name.replace(['_', '-'], " ").to_lowercase()
}

/// The first number in a text; a comma is not its decimal point.
fn first_number(text: &str) -> Option<f64> {
    let begin = text.find(|c: char| c.is_ascii_digit())?;
    let number: String = text[begin..]
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .filter(|c| *c != ',')
        .collect();
    number.trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Please pay.\nInvoice number: A-77\nTotal: 1,204.50 EUR\nKind: credit note\nUrgent: yes\nTags: red, blue\n";

    fn ask(schema: Value, drifted: bool) -> Value {
        let answer = Question { text: TEXT, schema: Some(schema), seed: 1, drifted }.answer();
        serde_json::from_str(&answer.text).unwrap()
    }

    #[test]
    fn a_schema_is_filled_with_what_the_text_says() {
        let schema = json!({"type": "object", "properties": {
            "invoice_number": {"type": "string"}, "total": {"type": "number"}, "urgent": {"type": "boolean"},
            "kind": {"enum": ["invoice", "credit_note"]}, "tags": {"type": "array", "items": {"type": "string"}},
            "customer": {"type": "string"}, "confidence": {"type": "object"}, "sure": {"type": "number"},
        }});
        let said = ask(schema.clone(), false);
        assert_eq!((&said["invoice_number"], &said["total"]), (&json!("A-77"), &json!(1204.5)));
        assert_eq!((&said["kind"], &said["urgent"]), (&json!("credit_note"), &json!(true)));
        assert_eq!(said["tags"], json!(["red", "blue"]));
        assert_eq!(
            (&said["confidence"]["total"], &said["confidence"]["customer"]),
            (&json!(SURE), &json!(UNSURE))
        );
        assert_eq!(said["sure"], json!(UNSURE), "it is as sure as of the field it is least sure of");
        assert_eq!(said, ask(schema.clone(), false), "the same to the same question");
        let drifted = ask(schema, true);
        assert_eq!((&drifted["kind"], &drifted["total"]), (&json!("invoice"), &json!(12045.0)));
    }

    #[test]
    fn a_schema_is_found_in_words_too() {
        let system = "Be brief.\n\nAnswer with JSON that fits this JSON Schema, and with nothing else:\n{\"type\":\"object\"}";
        assert_eq!(schema_in(&json!({}), system), Some(json!({"type": "object"})));
        assert_eq!(schema_in(&json!({}), "Be brief."), None);
    }
}

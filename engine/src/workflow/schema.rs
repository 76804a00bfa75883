//! JSON Schema: what the input of a run must look like.

use domain::fault::FieldFault;
use serde_json::Value;

use super::expression::readable_later;

/// More faults than anybody reads at once.
const MOST_FAULTS: usize = 20;

/// A schema that was understood.
pub struct Schema(jsonschema::Validator);

impl Schema {
    /// Understands a schema, or says why it is none. Nothing is fetched from elsewhere: a schema says everything itself.
    pub fn new(schema: &Value) -> Result<Self, String> {
        jsonschema::validator_for(schema).map(Self).map_err(|error| error.to_string())
    }

    /// Everything that does not fit, each with its place as a JSON pointer.
    pub fn faults(&self, value: &Value) -> Vec<FieldFault> {
        let fault = |error: jsonschema::ValidationError<'_>| FieldFault {
            field: error.instance_path().to_string(),
            message: error.to_string(),
        };
        self.0.iter_errors(value).take(MOST_FAULTS).map(fault).collect()
    }
}

/// Everything about what somebody has brought that does not fit: the schema, if there is one, and what later steps can
/// read. Nothing is no finding: a step that found nothing counts as skipped.
pub fn faults_of(schema: Option<&Schema>, found: &Value) -> Vec<FieldFault> {
    let whole = |message: &str| vec![FieldFault { field: String::new(), message: message.to_owned() }];
    if found.is_null() {
        return whole("Say what was found; null stands for nothing.");
    }
    if let Err(why) = readable_later(found) {
        return whole(&format!("Later steps could not read this: {why}."));
    }
    schema.map(|schema| schema.faults(found)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_named_by_its_place() {
        let schema = json!({
            "type": "object",
            "required": ["text"],
            "properties": {"lines": {"type": "array", "items": {"type": "object", "properties": {"n": {"minimum": 1}}}}},
        });
        let schema = Schema::new(&schema).unwrap();
        assert!(schema.faults(&json!({"text": "x", "lines": []})).is_empty());
        let faults = schema.faults(&json!({"lines": [{"n": 1}, {"n": 0}]}));
        let places: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert!(places.contains(&"/lines/1/n") && places.contains(&""), "{faults:?}");
        assert!(Schema::new(&json!({"type": "nothing"})).is_err());
        assert!(
            Schema::new(&json!({"$ref": "https://example.com/schema.json"})).is_err(),
            "something was fetched"
        );
    }
}

//! What a step says that has a person look.

use domain::Wrong;
use domain::span::Span;
use domain::workflow::{FieldConfidence, Lapse, LowConfidence, Review, StepName};

use super::definition::Reader;
use crate::written::{Key, Node, one_of};

pub const REVIEW: [&str; 11] = [
    "of",
    "low_confidence",
    "high_risk",
    "key_customer",
    "repeated_failure",
    "sample",
    "within",
    "otherwise",
    "default",
    "output",
    "reasons",
];
pub const LOW_CONFIDENCE: [&str; 2] = ["below", "fields"];
pub const FIELD_CONFIDENCE: [&str; 2] = ["confidence", "below"];

/// More reasons than there are keys for, nobody chooses from.
const MOST_REASONS: usize = 20;
const LONGEST_REASON: usize = 100;

impl Reader {
    pub(super) fn review(&mut self, node: &Node, step: &StepName) -> Option<Review> {
        let fields = self.notes.fields(node, "a review", &REVIEW);
        let of = self.notes.required(&fields, "of", "A review");
        let of = of.and_then(|node| Some((node.at, self.notes.parsed(node, "of", StepName::parse)?)));
        if let Some((at, of)) = &of {
            self.reads_step(*at, step, of);
        }
        let step = Some(step);
        let low_confidence = fields.get("low_confidence").map(|node| self.low_confidence(node, step));
        let high_risk = fields.get("high_risk").and_then(|node| self.case(node, "high_risk", step));
        let key_customer = fields.get("key_customer").and_then(|node| self.case(node, "key_customer", step));
        let failures = fields.get("repeated_failure");
        let repeated_failure =
            failures.and_then(|node| self.notes.parsed(node, "repeated_failure", failures_of));
        let sample = fields.get("sample").and_then(|node| self.notes.parsed(node, "sample", sample));
        // Something that nobody looks at must not wait for ever.
        let within = self.notes.required(&fields, "within", "A review");
        let within = within.and_then(|node| self.notes.parsed(node, "within", Span::parse));
        let otherwise = self.notes.required(&fields, "otherwise", "A review");
        let otherwise = otherwise.and_then(|node| self.notes.parsed(node, "otherwise", lapse));
        let default = fields.get("default").map(|node| self.named_expressions(node, "default", step, &[]));
        if let (Some(node), Some(Lapse::Escalate | Lapse::Fail)) = (fields.get("default"), otherwise) {
            self.notes.wrong(node.at, "A default is only used with “otherwise: default”.");
        }
        let output = fields.get("output").map(|node| self.schema(node));
        let reasons = fields.get("reasons").map(|node| self.reasons(node)).unwrap_or_default();
        Some(Review {
            of: of?.1,
            low_confidence,
            high_risk,
            key_customer,
            repeated_failure,
            sample,
            within: within?,
            otherwise: otherwise?,
            default: default.unwrap_or_default(),
            output,
            reasons,
        })
    }

    fn low_confidence(&mut self, node: &Node, step: Option<&StepName>) -> LowConfidence {
        let fields = self.notes.fields(node, "low_confidence", &LOW_CONFIDENCE);
        let below = fields.get("below").and_then(|node| self.expression(node, "below", step, &[]));
        let by_field = fields.get("fields").map(|node| self.notes.map(node, "fields")).unwrap_or_default();
        if fields.get("below").is_none() && by_field.is_empty() {
            self.notes.wrong(node.at, "low_confidence needs “below”, or “fields” with one each.");
        }
        let mut read = |(key, node): &(Key, Node)| {
            let fields = self.notes.fields(node, "a field of low_confidence", &FIELD_CONFIDENCE);
            let mut part = |name| {
                let node = self.notes.required(&fields, name, "A field of low_confidence")?;
                self.expression(node, name, step, &[])
            };
            let (confidence, below) = (part("confidence"), part("below"));
            Some((key.name.clone(), FieldConfidence { confidence: confidence?, below: below? }))
        };
        LowConfidence { below, fields: by_field.iter().filter_map(&mut read).collect() }
    }

    fn reasons(&mut self, node: &Node) -> Vec<String> {
        let nodes = self.notes.list(node, "reasons");
        if nodes.len() > MOST_REASONS {
            self.notes.wrong(node.at, format!("There are at most {MOST_REASONS} reasons to choose from."));
        }
        nodes.iter().filter_map(|node| self.notes.parsed(node, "reasons", reason)).collect()
    }
}

fn failures_of(text: &str) -> Result<u32, Wrong> {
    let failures = text.parse().ok().filter(|failures| *failures > 0);
    failures.ok_or_else(|| "Say how many failures: 1 or more.".into())
}

fn sample(text: &str) -> Result<f64, Wrong> {
    let sample = text.parse().ok().filter(|sample| (0.0..=1.0).contains(sample) && *sample > 0.0);
    sample.ok_or_else(|| "Say the share as a number up to 1, like 0.05 for one in twenty.".into())
}

fn lapse(text: &str) -> Result<Lapse, Wrong> {
    Lapse::parse(text).ok_or_else(|| one_of(Lapse::ALL, Lapse::word))
}

fn reason(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= LONGEST_REASON;
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!("A reason has 1 to {LONGEST_REASON} characters.").into())
    }
}

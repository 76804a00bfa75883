use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Case, Expression, StepName};
use crate::audit::words;
use crate::span::Span;

/// A person looks at what a step has found, if there is a reason to. Without any trigger, always.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// The step that is looked at.
    pub of: StepName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_confidence: Option<LowConfidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_risk: Option<Case>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_customer: Option<Case>,
    /// How often the step must have failed before it found something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated_failure: Option<u32>,
    /// How many of those that would pass are looked at all the same: the probability of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<f64>,
    /// How long it may take.
    pub within: Span,
    pub otherwise: Lapse,
    /// What is taken for decided when nobody has; without it, what the step has found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<(String, Expression)>,
    /// The JSON Schema a correction must fit; without it, that of the step that is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// The reasons to choose from; any, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// How sure a step must be: as a whole, and of each field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LowConfidence {
    /// A number, or an expression: by class, project or customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Expression>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, FieldConfidence)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldConfidence {
    pub confidence: Expression,
    pub below: Expression,
}

words! {
    /// What is done when nobody has decided in time.
    Lapse {
        Escalate => "escalate", "Ask the managers";
        Default => "default", "Go on with the default";
        Fail => "fail", "Fail";
    }
}

impl Review {
    /// Whether there is a reason that must hold for a person to look.
    pub const fn has_trigger(&self) -> bool {
        self.low_confidence.is_some()
            || self.high_risk.is_some()
            || self.key_customer.is_some()
            || self.repeated_failure.is_some()
            || self.sample.is_some()
    }
}

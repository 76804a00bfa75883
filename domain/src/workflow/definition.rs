use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{StepName, WorkflowName};
use crate::audit::words;

/// What is done with each item: a graph of steps over its input. Immutable once it was applied; a change is a new
/// version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub name: WorkflowName,
    /// For people, in lists and headings.
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: Priority,
    /// The JSON Schema that the input of a run must fit. Without it, any JSON object will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// In the order of the file.
    pub steps: Vec<Step>,
    /// What a finished run answers: names and expressions over what the steps have found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<(String, Expression)>,
}

words! {
    /// Whose runs go first when there is more to do than can be done at once.
    #[derive(Default)]
    Priority {
        High => "high", "High";
        #[default]
        Normal => "normal", "Normal";
        Low => "low", "Low";
    }
}

impl Priority {
    /// The smaller goes first.
    pub const fn rank(self) -> i64 {
        match self {
            Self::High => 0,
            Self::Normal => 1,
            Self::Low => 2,
        }
    }
}

/// What is as it would be without a word is not written: a definition that does not use what was added later keeps its
/// hash.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub name: StepName,
    /// The steps that must have ended before. It is skipped if all of them were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<StepName>,
    /// Skipped unless this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Decides and computes from what is known so far, without asking anybody.
    Rule(Rule),
}

impl Kind {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Rule(_) => "rule",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The fields of its output, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, Expression)>,
    /// How sure it is of them, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Expression>,
    /// Ends the run as failed, on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<Reject>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reject {
    pub when: Expression,
    /// What whoever looks at the run is told.
    pub because: String,
}

/// CEL over `input` and `steps`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expression(pub String);

impl Definition {
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == *name)
    }
}

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Expression, Kind, StepName, WorkflowName};
use crate::audit::words;
use crate::people::Zone;
use crate::run::Retry;
use crate::span::Span;

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
    /// How soon a run should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slo: Option<Span>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub budget: Budget,
    /// When runs start by themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Schedule>,
    /// What runs share of which there is to be one at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_at_a_time: Option<Expression>,
    /// How long runs are kept that have ended; for ever if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Span>,
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

/// When a run starts by itself, and with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Minute, hour, day, month and weekday, by the clock on the wall.
    pub cron: String,
    pub zone: Zone,
    pub input: Value,
}

/// What runs of a workflow may use up. Nothing where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Of one run: how often others are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<i64>,
    /// Of one run: how long it takes in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Span>,
    /// Of one run: what its models cost, in millionths of a dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
    /// Of all runs of a day (UTC): what their models cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_day: Option<i64>,
}

words! {
    /// What is done with a step that cannot be done for a while.
    #[derive(Default)]
    Unavailable {
        #[default]
        Wait => "wait", "Wait";
        Fail => "fail", "Fail, for its fallback to be done";
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
    /// How long one attempt may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// What is done when whoever it asks is left alone for a while, or the money of the day is spent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unavailable: Unavailable,
    /// The step that is done in its place if it fails for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<StepName>,
}

impl Step {
    /// How long one attempt may take.
    pub fn timeout(&self) -> Span {
        // A model thinks longer than a service looks up, and a job may look at everything there is.
        let usual = match self.kind {
            Kind::Llm(_) => Span::seconds(60),
            Kind::Job(_) => Span::seconds(600),
            _ => Span::seconds(30),
        };
        self.timeout.unwrap_or(usual)
    }

    pub fn retry(&self) -> Retry {
        self.retry.clone().unwrap_or_default()
    }
}

impl Definition {
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == *name)
    }

    /// The step in whose place another is done, if that is all it is there for.
    pub fn stood_in_for(&self, fallback: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.fallback.as_ref() == Some(fallback))
    }
}

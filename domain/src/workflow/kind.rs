//! The kinds of steps, and what each says in a definition.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{QueueName, Review, SignalName, WorkflowName};
use crate::audit::words;
use crate::model::{ModelName, Pick, PromptName};
use crate::span::Span;

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Decides and computes from what is known so far, without asking anybody.
    Rule(Rule),
    /// Asks a model.
    Llm(Box<Llm>),
    /// Asks a service, or tells it something.
    Http(Http),
    /// Tells somebody something, and does not wait for them.
    Emit(Emit),
    /// Work of the product itself.
    Job(Job),
    /// Sends each element of a list through another workflow.
    Map(Map),
    /// Lets time pass, or waits until somebody says something.
    Wait(Wait),
    /// Has a program of the user do it.
    Worker(Worker),
    /// Has a person look.
    Review(Box<Review>),
}

impl Kind {
    pub const WORDS: [&str; 9] = ["rule", "llm", "http", "emit", "job", "map", "wait", "worker", "review"];

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Rule(_) => "rule",
            Self::Llm(_) => "llm",
            Self::Http(_) => "http",
            Self::Emit(_) => "emit",
            Self::Job(_) => "job",
            Self::Map(_) => "map",
            Self::Wait(_) => "wait",
            Self::Worker(_) => "worker",
            Self::Review(_) => "review",
        }
    }

    /// The JSON Schema of what it finds, if it says so.
    pub const fn output(&self) -> Option<&Value> {
        match self {
            Self::Llm(llm) => llm.output.as_ref(),
            Self::Http(http) => http.output.as_ref(),
            Self::Worker(worker) => worker.output.as_ref(),
            Self::Rule(_) | Self::Emit(_) | Self::Job(_) | Self::Map(_) | Self::Wait(_) | Self::Review(_) => {
                None
            }
        }
    }

    /// Whether others are asked, who may be slow, or fail now and not later.
    pub const fn asks_others(&self) -> bool {
        matches!(self, Self::Llm(_) | Self::Http(_) | Self::Job(_) | Self::Worker(_))
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
    pub reject: Option<Case>,
}

/// A question to a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Llm {
    /// With its version, once the definition is applied.
    pub model: Pick<ModelName>,
    pub prompt: Pick<PromptName>,
    /// What the prompt is given, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<(String, Expression)>,
    /// The JSON Schema of the answer; without one it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// How many answers are held against one another.
    pub samples: u32,
    /// What of them has to agree; all if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agree_on: Option<Expression>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// How sure it is of the answer, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Expression>,
}

/// Something that may be so, and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub when: Expression,
    /// What whoever looks at the run is told.
    pub because: String,
}

words! {
    /// How a service is asked.
    Method {
        Get => "GET", "GET";
        Post => "POST", "POST";
        Put => "PUT", "PUT";
        Patch => "PATCH", "PATCH";
        Delete => "DELETE", "DELETE";
    }
}

/// A request, and what is taken from the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Http {
    pub method: Method,
    pub url: Template,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, Template)>,
    /// The fields of a JSON body, in order; no body if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<(String, Expression)>,
    /// What the other side is to know the same work by, however often it is asked; `RUN:STEP:http` if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<Template>,
    /// The statuses of a good answer; 200 to 299 if none are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<u16>,
    /// The fields of its output, taken from `response`; its status and body if none are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, Expression)>,
    /// How sure it is of them, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Expression>,
    /// The JSON Schema its output must fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

/// A message by the Standard Webhooks scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emit {
    /// Where it goes.
    pub to: Template,
    /// What kind of message it is: `claim.routed`.
    pub kind: String,
    /// What it tells, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<(String, Expression)>,
    /// The name of the secret that signs it.
    pub secret: String,
}

/// Work of the product itself, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub name: String,
}

/// What is done with each element of a list, by a run of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Map {
    /// The list.
    pub over: Expression,
    /// With its version, once the definition is applied.
    pub workflow: Pick<WorkflowName>,
    /// The fields of what each is given, over `item` and `index`, too; the element itself if none are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<(String, Expression)>,
    /// How many are on their way at once.
    pub at_once: u32,
    /// How long all of them may take.
    pub within: Span,
    pub otherwise: Otherwise,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Time to pass.
    For(Span),
    Signal {
        name: SignalName,
        within: Span,
        otherwise: Otherwise,
    },
}

words! {
    /// What is done when a signal does not come in time.
    Otherwise {
        Fail => "fail", "Fail";
        GoOn => "go_on", "Go on without it";
    }
}

/// An errand for a program of the user, in any language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Worker {
    pub queue: QueueName,
    /// The fields of what the program is given, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<(String, Expression)>,
    /// How long it may take from being offered to being done.
    pub within: Span,
    /// The JSON Schema of what it brings back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

/// CEL over `input` and `steps`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expression(pub String);

/// Text with places for what is known: `https://example.com/{{ input.id }}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(pub String);

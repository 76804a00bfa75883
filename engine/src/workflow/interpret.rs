//! What a step comes to, given what is known. Nothing here waits, writes or asks the time: the same definition and the
//! same knowledge always come to the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::review::Ground;
use domain::run::Mishap;
use domain::workflow::{
    Case, Definition, Due, Expression, Finished, Graph, GraphFault, Kind, Otherwise, Rule, Step, StepName,
    Wait,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::asking::{Answer, Asking};
use super::emit::{PreparedEmit, Told};
use super::errand::PreparedWorker;
use super::expression::{Compiled, DEEPEST_FOUND, Known, MOST_FOUND, Scope};
use super::http::PreparedHttp;
use super::llm::PreparedLlm;
use super::map::PreparedMap;
use super::material::Materials;
use super::review::PreparedReview;
use super::schema::Schema;
use crate::Error;
use crate::job::Job;
use crate::outbound::Secrets;

/// Longer than what a key of another system needs.
const LONGEST_SINGLE: usize = 200;

/// A definition ready to be run: every expression compiled once.
pub struct Prepared {
    definition: Definition,
    graph: Graph,
    input: Option<Schema>,
    steps: BTreeMap<StepName, PreparedStep>,
    output: Vec<(String, Compiled)>,
    one_at_a_time: Option<Compiled>,
}

struct PreparedStep {
    when: Option<Compiled>,
    kind: PreparedKind,
}

enum PreparedKind {
    Rule(Box<PreparedRule>),
    Llm(Box<PreparedLlm>),
    Http(Box<PreparedHttp>),
    Emit(Box<PreparedEmit>),
    Job(Job),
    Map(Arc<PreparedMap>),
    Wait(Wait),
    Worker(Arc<PreparedWorker>),
    Review(Arc<PreparedReview>),
}

struct PreparedRule {
    set: Vec<(String, Compiled)>,
    confidence: Option<Compiled>,
    reject: Option<(Compiled, String)>,
}

/// How far a step comes by itself.
pub enum Begun {
    Ended(Outcome),
    /// It asks somebody; [`Prepared::answered`] says what it comes to.
    Asks(Asking),
    /// It tells somebody this, and has ended with that.
    Tells(Told),
    /// Each of these is sent through another workflow.
    Maps(Arc<PreparedMap>),
    /// It waits; [`waited`] says what it comes to.
    Waits(Wait),
    /// A program is given this, and brings something back.
    Offers(Arc<PreparedWorker>, Value),
    /// A person is asked if there is a ground to, or by chance; the review says what it comes to.
    Doubts(Arc<PreparedReview>, Vec<Ground>),
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    Success {
        output: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        confidence: Option<f64>,
    },
    Skipped {
        because: &'static str,
    },
    Failed {
        why: Why,
        because: String,
    },
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The definition says that such an item ends here.
    Rejected,
    /// It could not do what it was to do, and never could with what is known.
    Faulty,
    /// Somebody else was not there, or not as they should be. `after`: when they want to be asked again.
    Mishap {
        mishap: Mishap,
        #[serde(skip)]
        after: Option<Duration>,
    },
}

impl Outcome {
    pub(crate) fn faulty(because: impl Into<String>) -> Self {
        Self::Failed { why: Why::Faulty, because: because.into() }
    }

    pub(super) const fn mishap(mishap: Mishap, because: String) -> Self {
        Self::Failed { why: Why::Mishap { mishap, after: None }, because }
    }
}

impl Prepared {
    /// Of a definition that was read, and so was found to be sound, with the models and prompts it names.
    pub fn new(definition: Definition, materials: &Materials) -> Result<Self, Error> {
        let unsound = |why: &str| Error::Workflow(format!("{} cannot be run: {why}", definition.name));
        let graph = Graph::of(&definition).map_err(|fault: GraphFault| unsound(&format!("{fault:?}")))?;
        let input = definition.input.as_ref().map(Schema::new).transpose().map_err(|why| unsound(&why))?;
        let steps = definition
            .steps
            .iter()
            .map(|step| Ok((step.name.clone(), prepare(&definition, step, materials)?)))
            .collect::<Result<_, String>>()
            .map_err(|why| unsound(&why))?;
        let output = compile_all(&definition.output).map_err(|why| unsound(&why))?;
        let one_at_a_time = definition.one_at_a_time.as_ref().map(|it| Compiled::new(&it.0)).transpose();
        let one_at_a_time = one_at_a_time.map_err(|why| unsound(&why))?;
        Ok(Self { definition, graph, input, steps, output, one_at_a_time })
    }

    /// The definition it was made of.
    pub const fn definition(&self) -> &Definition {
        &self.definition
    }

    pub fn into_definition(self) -> Definition {
        self.definition
    }

    /// Everything about an input that does not fit; each place is a JSON pointer.
    pub fn faults_of(&self, input: &Value) -> Vec<domain::fault::FieldFault> {
        match &self.input {
            Some(schema) => schema.faults(input),
            None if input.is_object() => Vec::new(),
            None => vec![domain::fault::FieldFault {
                field: String::new(),
                message: "The input must be a JSON object.".to_owned(),
            }],
        }
    }

    /// What a run with this input shares with others of which there is to be one at a time; nothing if there may be many.
    pub fn single(&self, input: &Value) -> Result<Option<String>, String> {
        let Some(expression) = &self.one_at_a_time else { return Ok(None) };
        let scope = Scope::of(&Known { input: input.clone(), ..Known::default() })?;
        let value = expression.value(&scope).map_err(|why| format!("“one_at_a_time” has no value: {why}"))?;
        let single = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if single.chars().count() > LONGEST_SINGLE || single.contains(char::is_control) {
            return Err(format!(
                "“one_at_a_time” must come to {LONGEST_SINGLE} characters at most, all of them visible."
            ));
        }
        Ok(Some(single))
    }

    /// The steps, each after those it needs.
    pub fn steps_in_order(&self) -> impl Iterator<Item = &Step> {
        self.graph.in_order(&self.definition)
    }

    /// Begins a step, once everything it needs has ended. `key` tells whoever it asks which repetitions are the same.
    pub fn begin(
        &self,
        step: &Step,
        known: &Known,
        secrets: &Secrets,
        key: impl FnOnce() -> String,
    ) -> Begun {
        let ended = |name: &StepName| {
            known
                .steps
                .get(name)
                .map(|found| if found.is_null() { Finished::Skipped } else { Finished::Success })
        };
        match self.definition.stood_in_for(&step.name) {
            Some(stood_in_for) if known.given_up.contains_key(&stood_in_for.name) => {}
            Some(_) => {
                return Begun::Ended(Outcome::Skipped {
                    because: "the step it stands in for did not need it",
                });
            }
            None if step.due(ended) == Due::Skip => {
                return Begun::Ended(Outcome::Skipped { because: "every step it needs was skipped" });
            }
            None => {}
        }
        let begun = self.begin_due(step, known, secrets, key);
        begun.unwrap_or_else(|because| Begun::Ended(Outcome::faulty(because)))
    }

    fn begin_due(
        &self,
        step: &Step,
        known: &Known,
        secrets: &Secrets,
        key: impl FnOnce() -> String,
    ) -> Result<Begun, String> {
        let prepared = self.steps.get(&step.name).ok_or("the step is not in the definition")?;
        let scope = Scope::of(known)?;
        let holds = prepared.when.as_ref().map(|when| when.holds(&scope)).transpose();
        if !holds.map_err(|why| format!("“when” has no value: {why}"))?.unwrap_or(true) {
            return Ok(Begun::Ended(Outcome::Skipped { because: "its condition does not hold" }));
        }
        Ok(match &prepared.kind {
            PreparedKind::Rule(rule) => Begun::Ended(rule.run(&scope)?),
            PreparedKind::Llm(llm) => {
                Begun::Asks(Asking::Model(Box::new(llm.talk(&scope, secrets, key())?)))
            }
            PreparedKind::Http(http) => {
                let call = Box::new(http.call(known, &scope, secrets, key())?);
                Begun::Asks(Asking::Service { call, accept: http.accept().to_vec() })
            }
            PreparedKind::Emit(emit) => Begun::Tells(emit.told(known, &scope, secrets)?),
            PreparedKind::Job(job) => Begun::Asks(Asking::Job(*job, step.timeout().duration())),
            PreparedKind::Map(map) => Begun::Maps(Arc::clone(map)),
            PreparedKind::Wait(wait) => Begun::Waits(wait.clone()),
            PreparedKind::Worker(worker) => Begun::Offers(Arc::clone(worker), worker.input(&scope)?),
            PreparedKind::Review(review) => Begun::Doubts(Arc::clone(review), review.grounds(known, &scope)?),
        })
    }

    /// What a step comes to that has asked somebody.
    pub fn answered(&self, step: &StepName, known: &Known, answer: &Answer) -> Outcome {
        match (self.steps.get(step).map(|prepared| &prepared.kind), answer) {
            (Some(PreparedKind::Http(http)), Answer::Service { reply, .. }) => {
                http.outcome(known, reply.as_ref().map_err(Clone::clone))
            }
            (Some(PreparedKind::Llm(llm)), Answer::Model(talked)) => llm.outcome(known, talked),
            (Some(PreparedKind::Job(_)), Answer::Job(done)) => done.clone(),
            _ => Outcome::faulty("a step has an answer that asks nobody"),
        }
    }

    /// The review that a step is, if it is one.
    pub fn review(&self, step: &StepName) -> Option<&Arc<PreparedReview>> {
        match self.steps.get(step).map(|prepared| &prepared.kind) {
            Some(PreparedKind::Review(review)) => Some(review),
            _ => None,
        }
    }

    /// The errand that a step is, if it is one.
    pub fn worker(&self, step: &StepName) -> Option<&Arc<PreparedWorker>> {
        match self.steps.get(step).map(|prepared| &prepared.kind) {
            Some(PreparedKind::Worker(worker)) => Some(worker),
            _ => None,
        }
    }

    /// What a step has found in whose place another was done.
    pub fn stood_in(&self, fallback: &StepName, found: &Value) -> Value {
        match self.review(fallback) {
            // A review tells more than what is to be taken for found.
            Some(_) => found.get("output").cloned().unwrap_or_default(),
            None => found.clone(),
        }
    }

    /// What a run answers whose steps have all ended.
    pub fn output(&self, known: &Known) -> Result<Value, String> {
        let scope = Scope::of(known)?;
        object(&self.output, &scope).map_err(|(name, why)| format!("The output “{name}” has no value: {why}"))
    }
}

/// What a wait comes to that is over: by the payload of its signal, or because time has passed.
pub fn waited(wait: &Wait, payload: Option<Value>) -> Outcome {
    let found = |came: bool, payload: Value| Outcome::Success {
        output: json!({ "came": came, "payload": payload }),
        confidence: None,
    };
    match (wait, payload) {
        (_, Some(payload)) => found(true, payload),
        (Wait::For(_), None) => found(true, Value::Null),
        (Wait::Signal { otherwise: Otherwise::GoOn, .. }, None) => found(false, Value::Null),
        (Wait::Signal { name, within, otherwise: Otherwise::Fail }, None) => {
            Outcome::faulty(format!("The signal {name} did not come within {within}."))
        }
    }
}

impl PreparedRule {
    fn run(&self, scope: &Scope) -> Result<Outcome, String> {
        if let Some((when, because)) = &self.reject {
            match when.holds(scope) {
                Ok(true) => return Ok(Outcome::Failed { why: Why::Rejected, because: because.clone() }),
                Ok(false) => {}
                Err(why) => return Err(format!("“reject” has no value: {why}")),
            }
        }
        let output =
            object(&self.set, scope).map_err(|(name, why)| format!("“{name}” has no value: {why}"))?;
        let confidence = self.confidence.as_ref().map(|it| fraction("confidence", it, scope)).transpose()?;
        Ok(Outcome::Success { output, confidence })
    }
}

/// What should be a number from 0 to 1; `what` names it.
pub(super) fn fraction(what: &str, expression: &Compiled, scope: &Scope) -> Result<f64, String> {
    let value = expression.value(scope).map_err(|why| format!("“{what}” has no value: {why}"))?;
    let number = value.as_f64().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| format!("“{what}” must be a number from 0 to 1, and is {value}"))
}

/// Whether a value is nested deeper than what can be kept.
pub(super) fn is_too_deep(value: &Value) -> bool {
    fn within(value: &Value, left: usize) -> bool {
        match value {
            Value::Array(values) => left > 0 && values.iter().all(|value| within(value, left - 1)),
            Value::Object(members) => left > 0 && members.values().all(|value| within(value, left - 1)),
            _ => true,
        }
    }
    !within(value, DEEPEST_FOUND)
}

fn prepare(definition: &Definition, step: &Step, materials: &Materials) -> Result<PreparedStep, String> {
    let compile = |Expression(text): &Expression| Compiled::new(text);
    let rejects = |Case { when, because }: &Case| Ok::<_, String>((compile(when)?, because.clone()));
    let kind = match &step.kind {
        Kind::Rule(Rule { set, confidence, reject }) => PreparedKind::Rule(Box::new(PreparedRule {
            set: compile_all(set)?,
            confidence: confidence.as_ref().map(compile).transpose()?,
            reject: reject.as_ref().map(rejects).transpose()?,
        })),
        Kind::Llm(llm) => {
            PreparedKind::Llm(Box::new(PreparedLlm::new(llm, step.timeout().duration(), materials)?))
        }
        Kind::Http(http) => PreparedKind::Http(Box::new(PreparedHttp::new(http, step.timeout().duration())?)),
        Kind::Emit(emit) => PreparedKind::Emit(Box::new(PreparedEmit::new(emit)?)),
        Kind::Job(job) => {
            PreparedKind::Job(Job::parse(&job.name).ok_or_else(|| format!("there is no job {}", job.name))?)
        }
        Kind::Map(map) => PreparedKind::Map(Arc::new(PreparedMap::new(map, materials)?)),
        Kind::Wait(wait) => PreparedKind::Wait(wait.clone()),
        Kind::Worker(worker) => PreparedKind::Worker(Arc::new(PreparedWorker::new(worker)?)),
        Kind::Review(review) => {
            let found = definition.step(&review.of).and_then(|of| of.kind.output());
            PreparedKind::Review(Arc::new(PreparedReview::new(review, found)?))
        }
    };
    Ok(PreparedStep { when: step.when.as_ref().map(compile).transpose()?, kind })
}

pub(super) fn compile_all(named: &[(String, Expression)]) -> Result<Vec<(String, Compiled)>, String> {
    named.iter().map(|(name, Expression(text))| Ok((name.clone(), Compiled::new(text)?))).collect()
}

pub(super) fn object(named: &[(String, Compiled)], scope: &Scope) -> Result<Value, (String, String)> {
    let mut members = Map::new();
    let mut room = MOST_FOUND;
    for (name, expression) in named {
        let value = expression.value_within(scope, &mut room).map_err(|why| (name.clone(), why))?;
        members.insert(name.clone(), value);
    }
    Ok(Value::Object(members))
}

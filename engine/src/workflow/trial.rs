//! One item through a definition, here and now and kept nowhere: to see what it does before anybody depends on it.

use domain::Fault;
use domain::review::Ground;
use domain::workflow::{Step, StepName};
use serde::Serialize;
use serde_json::Value;

use super::expression::Known;
use super::interpret::{Begun, Outcome, Prepared, Why, waited};
use super::map::PreparedMap;
use crate::outbound::Outbound;

/// The whole way of an item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    pub steps: Vec<Traced>,
    /// What the run answers; nothing if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Traced {
    pub step: StepName,
    pub kind: &'static str,
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Why a person would have looked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Ground>,
    /// Who was asked what, and what was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// Sends an item through. Input that does not fit is refused before the first step, as it would be in earnest. Whom steps
/// ask is asked, once: what fails is not tried again.
pub async fn try_out(prepared: &Prepared, input: Value, outbound: &Outbound) -> Result<Trace, Fault> {
    let faults = prepared.faults_of(&input);
    if !faults.is_empty() {
        return Err(Fault { fields: faults, ..Fault::invalid("The input does not fit its schema.") });
    }
    let known = Known { input, ..Known::default() };
    let trace = Trace { steps: Vec::new(), output: None, failed: None };
    let mut trial = Trial { prepared, outbound, known, trace };
    for step in prepared.steps_in_order() {
        // What was done in the place of another has been done by then.
        let done = trial.known.steps.contains_key(&step.name);
        if !done && let Err(why) = trial.go(step).await {
            trial.trace.failed = Some(why);
            return Ok(trial.trace);
        }
    }
    match prepared.output(&trial.known) {
        Ok(output) => trial.trace.output = Some(output),
        Err(why) => trial.trace.failed = Some(why),
    }
    Ok(trial.trace)
}

/// An item on its way.
struct Trial<'a> {
    prepared: &'a Prepared,
    outbound: &'a Outbound,
    known: Known,
    trace: Trace,
}

impl Trial<'_> {
    /// Does a step, and the one in its place if it fails; says why the item goes no further, if it does not.
    async fn go(&mut self, step: &Step) -> Result<(), String> {
        let (mut step, mut failed) = (step, Vec::new());
        loop {
            let outcome = self.one(step).await;
            let found = match outcome {
                Outcome::Success { output, confidence } => {
                    self.known
                        .confidence
                        .extend(confidence.map(|confidence| (step.name.clone(), confidence)));
                    output
                }
                Outcome::Skipped { .. } => Value::Null,
                Outcome::Failed { why, because } => {
                    let fallback = step.fallback.as_ref().filter(|_| why != Why::Rejected);
                    let fallback = fallback.and_then(|name| self.prepared.definition().step(name));
                    let Some(fallback) = fallback else { return Err(format!("{}: {because}", step.name)) };
                    self.known.given_up.insert(step.name.clone(), because);
                    failed.push(step);
                    step = fallback;
                    continue;
                }
            };
            // The last of them has found it for all before it.
            let mut found = found;
            self.known.steps.insert(step.name.clone(), found.clone());
            for before in failed.into_iter().rev() {
                found = self.prepared.stood_in(&step.name, &found);
                self.known.steps.insert(before.name.clone(), found.clone());
                self.known.given_up.remove(&before.name);
                if let Some(sure) = self.known.confidence.get(&step.name).copied() {
                    self.known.confidence.insert(before.name.clone(), sure);
                }
                step = before;
            }
            return Ok(());
        }
    }

    async fn one(&mut self, step: &Step) -> Outcome {
        let (prepared, outbound) = (self.prepared, self.outbound);
        let key = || format!("trial:{}", step.name);
        let (mut doubts, mut detail) = (Vec::new(), None);
        let outcome = match prepared.begin(step, &self.known, outbound.secrets(), key) {
            Begun::Ended(outcome) => outcome,
            Begun::Asks(asking) => {
                let answer = asking.ask(outbound, None).await;
                detail = Some(answer.detail()).filter(|detail| !detail.is_null());
                prepared.answered(&step.name, &self.known, &answer)
            }
            // Nobody is told of a trial, but what they would have been is shown.
            Begun::Tells(told) => {
                detail = Some(serde_json::json!({ "to": told.url, "type": told.kind, "data": told.data }));
                Outcome::Success { output: serde_json::json!({ "message": "msg_trial" }), confidence: None }
            }
            // Nor does it make runs of other workflows; it says what they would be given.
            Begun::Maps(map) => match inputs(&map, &self.known) {
                Err(because) => Outcome::faulty(because),
                Ok(inputs) => {
                    let (count, name) = (inputs.len(), map.name());
                    detail = Some(serde_json::json!({ "workflow": name, "inputs": inputs }));
                    Outcome::faulty(format!("A server would have to send {count} elements through {name}."))
                }
            },
            // Nobody waits for a trial, and nobody can send it anything.
            Begun::Waits(wait) => waited(&wait, None),
            // Nor does any program take an errand of it.
            Begun::Offers(worker, _) => Outcome::faulty(format!(
                "A program of the queue {} would have to do this.",
                worker.worker().queue
            )),
            // Nor is there a person to look: what would be looked at is taken as it is, and said.
            Begun::Doubts(review, grounds) => {
                doubts = grounds;
                review.passed(&self.known)
            }
        };
        let (step, kind) = (step.name.clone(), step.kind.word());
        self.trace.steps.push(Traced { step, kind, outcome: outcome.clone(), doubts, detail });
        outcome
    }
}

/// What the runs of the elements would be given.
fn inputs(map: &PreparedMap, known: &Known) -> Result<Vec<Value>, String> {
    let elements = map.elements(known)?;
    elements.iter().enumerate().map(|(index, item)| map.input(known, index, item)).collect()
}

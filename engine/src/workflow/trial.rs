//! One item through a definition, here and now and kept nowhere: to see what it does before anybody depends on it.

use domain::Fault;
use domain::workflow::StepName;
use serde::Serialize;
use serde_json::Value;

use super::expression::Known;
use super::interpret::{Begun, Outcome, Prepared, waited};
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
}

/// Sends an item through. Input that does not fit is refused before the first step, as it would be in earnest. Whom steps
/// ask is asked, once: what fails is not tried again.
pub async fn try_out(prepared: &Prepared, input: Value, outbound: &Outbound) -> Result<Trace, Fault> {
    let faults = prepared.faults_of(&input);
    if !faults.is_empty() {
        return Err(Fault { fields: faults, ..Fault::invalid("The input does not fit its schema.") });
    }
    let mut known = Known { input, ..Known::default() };
    let mut trace = Trace { steps: Vec::new(), output: None, failed: None };
    for step in prepared.steps_in_order() {
        let key = || format!("trial:{}", step.name);
        let outcome = match prepared.begin(step, &known, outbound.secrets(), key) {
            Begun::Ended(outcome) => outcome,
            Begun::Asks(call) => {
                let reply = outbound.call(&call).await;
                prepared.answered(&step.name, &known, reply.as_ref().map_err(Clone::clone))
            }
            // Nobody waits for a trial, and nobody can send it anything.
            Begun::Waits(wait) => waited(&wait, None),
        };
        let found = match &outcome {
            Outcome::Success { output, .. } => Some(output.clone()),
            Outcome::Skipped { .. } => Some(Value::Null),
            Outcome::Failed { because, .. } => {
                trace.failed = Some(format!("{}: {because}", step.name));
                None
            }
        };
        trace.steps.push(Traced { step: step.name.clone(), kind: step.kind.word(), outcome });
        match found {
            Some(found) => known.steps.insert(step.name.clone(), found),
            None => return Ok(trace),
        };
    }
    match prepared.output(&known) {
        Ok(output) => trace.output = Some(output),
        Err(why) => trace.failed = Some(why),
    }
    Ok(trace)
}

//! Steps that ask a model: what it is asked, what its answer has to be like, and how sure the step is of it.

use std::sync::Arc;
use std::time::Duration;

use domain::fault::FieldFault;
use domain::model::Card;
use domain::workflow::{Expression, Llm};
use serde_json::{Value, json};

use super::expression::{Compiled, Known, Scope};
use super::interpret::{Outcome, Why, compile_all, fraction, object};
use super::material::Materials;
use super::schema::{Schema, faults_of};
use crate::model::{Asked, ReadyPrompt, Talk, Talked, Wants, in_words};
use crate::outbound::Secrets;

/// What the confidence may be made of: the answer, how likely its words were, how many of several say the same.
pub const OUTPUT: &str = "output";
pub const LOGPROBS: &str = "logprobs";
pub const AGREEMENT: &str = "agreement";

/// A question ready to be asked again and again.
pub struct PreparedLlm {
    model: (Option<i64>, Arc<Card>),
    prompt: (Option<i64>, Arc<ReadyPrompt>),
    with: Vec<(String, Compiled)>,
    confidence: Option<Compiled>,
    wants: Arc<Wants>,
}

/// Whether an expression uses a name.
pub fn names(expression: &Expression, name: &str) -> bool {
    Compiled::new(&expression.0).is_ok_and(|compiled| compiled.reads().unknown.contains(name))
}

impl PreparedLlm {
    pub fn new(llm: &Llm, timeout: Duration, materials: &Materials) -> Result<Self, String> {
        let model = materials.model(llm).cloned();
        let prompt = materials.prompt(llm).cloned();
        let schema = llm.output.as_ref().map(Schema::new).transpose()?;
        let gist = llm.agree_on.as_ref().map(|it| Compiled::new(&it.0)).transpose()?;
        let fits = move |output: Value| -> Result<Value, Vec<FieldFault>> {
            let faults = faults_of(schema.as_ref(), &output);
            if faults.is_empty() { Ok(output) } else { Err(faults) }
        };
        let gist = move |output: &Value| match &gist {
            // An answer that has no such part agrees only with others of its kind.
            Some(gist) => gist_of(gist, output).unwrap_or_else(|why| json!({ "no gist": why })),
            None => output.clone(),
        };
        let wants = Wants {
            temperature: llm.temperature,
            max_tokens: llm.max_tokens,
            schema: llm.output.clone(),
            fits: Box::new(fits),
            samples: llm.samples,
            gist: Box::new(gist),
            logprobs: llm.confidence.as_ref().is_some_and(|it| names(it, LOGPROBS)),
            within: timeout,
        };
        Ok(Self {
            model: model.ok_or_else(|| format!("there is no model {}", llm.model))?,
            prompt: prompt.ok_or_else(|| format!("there is no prompt {}", llm.prompt))?,
            with: compile_all(&llm.with)?,
            confidence: llm.confidence.as_ref().map(|it| Compiled::new(&it.0)).transpose()?,
            wants: Arc::new(wants),
        })
    }

    /// What is to be said; `key` tells the other side which repetitions are the same.
    pub fn talk(&self, scope: &Scope, secrets: &Secrets, key: String) -> Result<Talk, String> {
        let given = object(&self.with, scope)
            .map_err(|(name, why)| format!("“{name}” of “with” has no value: {why}"))?;
        let (number, prompt) = &self.prompt;
        let mut messages = prompt.fill(&given)?;
        if let Some(schema) = &self.wants.schema {
            in_words(&mut messages, schema);
        }
        let secret = self.model.1.key.as_deref().map(|name| secrets.get(name).map(str::to_owned));
        Ok(Talk {
            model: self.model.clone(),
            prompt: Asked { name: prompt.prompt().name.to_string(), version: *number, id: None },
            wants: Arc::clone(&self.wants),
            messages,
            key: secret.transpose()?,
            idempotency_key: key,
        })
    }

    /// What the step comes to, given what was said.
    pub fn outcome(&self, known: &Known, talked: &Talked) -> Outcome {
        let found = match &talked.found {
            Ok(found) => found,
            Err(missed) => {
                let because = missed.because.clone();
                return match missed.mishap {
                    Some(mishap) => {
                        Outcome::Failed { why: Why::Mishap { mishap, after: missed.after }, because }
                    }
                    None => Outcome::faulty(because),
                };
            }
        };
        let sure = || -> Result<Option<f64>, String> {
            let Some(expression) = &self.confidence else { return Ok(None) };
            let scope = Scope::of(known)?
                .with(OUTPUT, &found.output)?
                .with(LOGPROBS, &json!(found.likely))?
                .with(AGREEMENT, &json!(found.agreement))?;
            // Where the API does not say how likely its words were, nobody is sure of anything.
            if expression.value(&scope).is_ok_and(|value| value.is_null()) {
                return Ok(None);
            }
            fraction("confidence", expression, &scope).map(Some)
        };
        match sure() {
            Ok(confidence) => Outcome::Success { output: found.output.clone(), confidence },
            Err(because) => Outcome::mishap(domain::run::Mishap::Invalid, because),
        }
    }
}

fn gist_of(gist: &Compiled, output: &Value) -> Result<Value, String> {
    gist.value(&Scope::of(&Known::default())?.with(OUTPUT, output)?)
}

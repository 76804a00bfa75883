//! Steps that have a person look: whether there is a reason to, and what the step comes to when somebody has, or nobody.

use domain::review::{Ground, Trigger, Verdict};
use domain::workflow::{Case, Expression, FieldConfidence, Review, StepName};
use serde_json::{Value, json};

use super::expression::{Compiled, Known, Scope};
use super::interpret::{Outcome, Why, compile_all, fraction, object};
use super::schema::{Schema, faults_of};

/// A review ready to be opened again and again.
pub struct PreparedReview {
    review: Review,
    below: Option<Compiled>,
    fields: Vec<(String, Compiled, Compiled)>,
    cases: Vec<(Trigger, Compiled, String)>,
    default: Vec<(String, Compiled)>,
    /// What a correction must fit, as it is written and ready.
    output: Option<(Value, Schema)>,
}

/// What somebody has decided, as the step needs it.
#[derive(Clone, Debug)]
pub struct Decided {
    pub verdict: Verdict,
    /// Of a correction.
    pub output: Option<Value>,
    pub reason: Option<String>,
    pub by: String,
}

impl PreparedReview {
    /// `found` is the schema of what the step finds that is looked at, if it has one.
    pub fn new(review: &Review, found: Option<&Value>) -> Result<Self, String> {
        let compile = |Expression(text): &Expression| Compiled::new(text);
        let low = review.low_confidence.clone().unwrap_or_default();
        let field = |(name, FieldConfidence { confidence, below }): &(String, FieldConfidence)| {
            Ok((name.clone(), compile(confidence)?, compile(below)?))
        };
        let cases = [(Trigger::HighRisk, &review.high_risk), (Trigger::KeyCustomer, &review.key_customer)];
        let case = |(trigger, case): (Trigger, &Option<Case>)| {
            let Case { when, because } = case.as_ref()?;
            Some(compile(when).map(|when| (trigger, when, because.clone())))
        };
        Ok(Self {
            below: low.below.as_ref().map(compile).transpose()?,
            fields: low.fields.iter().map(field).collect::<Result<_, String>>()?,
            cases: cases.into_iter().filter_map(case).collect::<Result<_, String>>()?,
            default: compile_all(&review.default)?,
            output: review
                .output
                .as_ref()
                .or(found)
                .map(|schema| Ok::<_, String>((schema.clone(), Schema::new(schema)?)))
                .transpose()?,
            review: review.clone(),
        })
    }

    pub const fn review(&self) -> &Review {
        &self.review
    }

    /// The JSON Schema a correction must fit, if there is one.
    pub fn schema(&self) -> Option<&Value> {
        self.output.as_ref().map(|(schema, _)| schema)
    }

    /// Everything about a correction that does not fit; each place is a JSON pointer.
    pub fn faults_of(&self, output: &Value) -> Vec<domain::fault::FieldFault> {
        faults_of(self.output.as_ref().map(|(_, ready)| ready), output)
    }

    /// Why a person is to look; nothing if there is no reason to.
    pub fn grounds(&self, known: &Known, scope: &Scope) -> Result<Vec<Ground>, String> {
        let of = &self.review.of;
        if let Some(error) = known.given_up.get(of) {
            return Ok(vec![Ground::new(
                Trigger::RepeatedFailure,
                format!("“{of}” could not be done: {error}"),
            )]);
        }
        let mut grounds = Vec::new();
        if let Some(below) = &self.below {
            let limit = fraction("below", below, scope)?;
            match known.confidence.get(of) {
                Some(confidence) if *confidence < limit => {
                    grounds.push(Ground::below(None, *confidence, limit));
                }
                Some(_) => {}
                // What does not say how sure it is must not pass for sure.
                None => {
                    let said = format!("“{of}” does not say how sure it is.");
                    grounds.push(Ground { limit: Some(limit), ..Ground::new(Trigger::LowConfidence, said) });
                }
            }
        }
        for (name, confidence, below) in &self.fields {
            let at = |word, expression| {
                fraction(word, expression, scope).map_err(|why| format!("{why} (of the field “{name}”)"))
            };
            let (confidence, limit) = (at("confidence", confidence)?, at("below", below)?);
            if confidence < limit {
                grounds.push(Ground::below(Some(name), confidence, limit));
            }
        }
        for (trigger, when, because) in &self.cases {
            let word = trigger.word();
            if when.holds(scope).map_err(|why| format!("“{word}” has no value: {why}"))? {
                grounds.push(Ground::new(*trigger, because.clone()));
            }
        }
        let failures = known.failures.get(of).copied().unwrap_or_default();
        if let Some(limit) = self.review.repeated_failure.filter(|limit| failures >= *limit) {
            grounds.push(Ground {
                figure: Some(failures.into()),
                limit: Some(limit.into()),
                ..Ground::new(
                    Trigger::RepeatedFailure,
                    format!("It failed {failures} times before it succeeded."),
                )
            });
        }
        if !self.review.has_trigger() {
            grounds.push(Ground::new(Trigger::Always, "Somebody looks at every one of them.".to_owned()));
        }
        Ok(grounds)
    }

    /// What it comes to when nobody is asked.
    pub fn passed(&self, known: &Known) -> Outcome {
        if known.given_up.contains_key(&self.review.of) {
            return Outcome::faulty("A person would have to say what it should have been.");
        }
        ended("passed", found(known, &self.review.of), None, None)
    }

    /// What it comes to when somebody has decided.
    pub fn decided(&self, known: &Known, decided: Decided) -> Outcome {
        let Decided { verdict, output, reason, by } = decided;
        if verdict == Verdict::Reject {
            let reason = reason.unwrap_or_default();
            return Outcome::Failed { why: Why::Rejected, because: format!("Rejected by {by}: {reason}") };
        }
        let output = output.unwrap_or_else(|| found(known, &self.review.of));
        ended(verdict.word(), output, Some(by), reason)
    }

    /// What it comes to when nobody has decided in time, and the definition has a default for that.
    pub fn defaulted(&self, known: &Known) -> Outcome {
        let scope = Scope::of(known);
        let output = match self.default.as_slice() {
            [] if known.given_up.contains_key(&self.review.of) => {
                return Outcome::faulty("Nobody decided in time, and there is nothing to go on with.");
            }
            [] => Ok(found(known, &self.review.of)),
            default => scope.and_then(|scope| {
                object(default, &scope)
                    .map_err(|(name, why)| format!("“{name}” of the default has no value: {why}"))
            }),
        };
        output.map_or_else(Outcome::faulty, |output| ended("default", output, None, None))
    }
}

fn found(known: &Known, of: &StepName) -> Value {
    known.steps.get(of).cloned().unwrap_or_default()
}

/// The same fields however it ended, so that expressions can rely on them.
fn ended(decision: &str, output: Value, by: Option<String>, reason: Option<String>) -> Outcome {
    let output = json!({ "decision": decision, "output": output, "by": by, "reason": reason });
    Outcome::Success { output, confidence: None }
}

//! Steps that a program of the user does: what it is given, and what is made of what it brings back.

use domain::run::{Mishap, POISON};
use domain::workflow::Worker;
use serde_json::Value;

use super::expression::{Compiled, Scope};
use super::interpret::{Outcome, Why, compile_all, object};
use super::schema::{Schema, faults_of};

/// An errand ready to be sent again and again.
pub struct PreparedWorker {
    worker: Worker,
    input: Vec<(String, Compiled)>,
    output: Option<Schema>,
}

/// What a program brings back.
#[derive(Clone, Debug)]
pub enum Brought {
    Done {
        output: Value,
        confidence: Option<f64>,
    },
    Failed {
        mishap: Mishap,
        because: String,
    },
    /// Whoever did it was lost, again and again.
    Poison,
    /// Nobody has brought anything in time.
    Late,
}

impl PreparedWorker {
    pub fn new(worker: &Worker) -> Result<Self, String> {
        Ok(Self {
            input: compile_all(&worker.input)?,
            output: worker.output.as_ref().map(Schema::new).transpose()?,
            worker: worker.clone(),
        })
    }

    pub const fn worker(&self) -> &Worker {
        &self.worker
    }

    /// What the program is given.
    pub fn input(&self, scope: &Scope) -> Result<Value, String> {
        object(&self.input, scope).map_err(|(name, why)| format!("“{name}” of the input has no value: {why}"))
    }

    /// Everything about a result that does not fit; each place is a JSON pointer.
    pub fn faults_of(&self, output: &Value) -> Vec<domain::fault::FieldFault> {
        faults_of(self.output.as_ref(), output)
    }

    /// What the step comes to.
    pub fn outcome(&self, brought: Brought) -> Outcome {
        match brought {
            Brought::Done { output, confidence } => Outcome::Success { output, confidence },
            Brought::Failed { mishap, because } => Outcome::mishap(mishap, because),
            Brought::Poison => Outcome::Failed {
                why: Why::Faulty,
                because: format!("{POISON} programs that took it were lost, one after another."),
            },
            Brought::Late => {
                let Worker { queue, within, .. } = &self.worker;
                let because = format!("No program of the queue {queue} has done it within {within}.");
                Outcome::mishap(Mishap::Timeout, because)
            }
        }
    }
}

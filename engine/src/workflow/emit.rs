//! Steps that tell others: the message from what is known.

use domain::workflow::Emit;
use serde_json::{Value, json};

use super::expression::{self, Known, Scope};
use super::interpret::{compile_all, object};
use super::template;
use crate::outbound::Secrets;

/// A message ready to be written again and again.
pub struct PreparedEmit {
    emit: Emit,
    to: template::Compiled,
    data: Vec<(String, expression::Compiled)>,
}

/// What is to be told, and to whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub url: String,
    pub kind: String,
    pub data: Value,
    /// The name of the secret that signs it.
    pub secret: String,
}

impl PreparedEmit {
    pub fn new(emit: &Emit) -> Result<Self, String> {
        Ok(Self {
            to: template::Compiled::new(&emit.to.0)?,
            data: compile_all(&emit.data)?,
            emit: emit.clone(),
        })
    }

    pub fn told(&self, known: &Known, scope: &Scope, secrets: &Secrets) -> Result<Told, String> {
        // Found out now rather than after days of trying.
        secrets.get(&self.emit.secret)?;
        let url = self.to.fill(known, secrets).map_err(|why| format!("“to” cannot be filled in: {why}"))?;
        // The address is kept and shown.
        if url.text != url.shown {
            return Err("“to” must hold no secret: the signature says who has sent it".to_owned());
        }
        let data = object(&self.data, scope)
            .map_err(|(name, why)| format!("“{name}” of “data” has no value: {why}"))?;
        Ok(Told { url: url.text, kind: self.emit.kind.clone(), data, secret: self.emit.secret.clone() })
    }
}

impl Told {
    /// The body by the Standard Webhooks scheme.
    pub fn body(&self, at: chrono::DateTime<chrono::Utc>) -> String {
        let timestamp = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        json!({ "type": self.kind, "timestamp": timestamp, "data": self.data }).to_string()
    }
}

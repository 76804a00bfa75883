//! What a line's hash covers.

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::secret::to_hex;

/// One line of the log as it is kept. The words of action and thing stay text here: a line written by a later
/// version must still be shown and verified.
#[derive(Clone, Debug, Serialize, Deserialize, sqlx::FromRow)]
pub struct Line {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor_id: Option<PersonId>,
    pub actor_name: String,
    pub action: String,
    pub thing: String,
    pub thing_id: String,
    pub thing_name: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub request_id: String,
    pub previous_hash: String,
    pub hash: String,
}

/// The first line that does not hold, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    pub seq: i64,
    pub why: String,
}

impl Line {
    /// SHA-256 over a JSON array of every other column in table order, the time as microseconds since 1970. Anybody
    /// can compute it again from an export.
    pub fn computed_hash(&self) -> Result<String, serde_json::Error> {
        let covered = serde_json::to_vec(&(
            self.seq,
            self.at.timestamp_micros(),
            self.actor_id,
            &self.actor_name,
            &self.action,
            &self.thing,
            &self.thing_id,
            &self.thing_name,
            &self.before,
            &self.after,
            &self.request_id,
            &self.previous_hash,
        ))?;
        Ok(to_hex(&Sha256::digest(covered)))
    }

    /// Whether this line follows from where the chain stood.
    pub fn follows(&self, seq: i64, hash: &str) -> Result<(), Broken> {
        let broken = |why: String| Err(Broken { seq: seq + 1, why });
        if self.seq != seq + 1 {
            return broken(format!("line {} is missing; the next one is {}", seq + 1, self.seq));
        }
        if self.previous_hash != hash {
            return broken("it does not hold the hash of the line before".to_owned());
        }
        match self.computed_hash() {
            Ok(computed) if computed == self.hash => Ok(()),
            _ => {
                broken("its content does not match its hash: it was changed after it was written".to_owned())
            }
        }
    }
}

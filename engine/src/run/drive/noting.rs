//! What happens to a run that is no try of a step: it is told in its history.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::Drive;
use crate::run::store::Event;

impl Drive {
    /// Something has happened that is no try of a step.
    pub(super) fn note(&mut self, kind: &str, detail: String) {
        self.note_as(self.tools.world.id(), kind, detail);
    }

    /// The same, which is kept once under this id.
    pub(super) fn note_as(&mut self, id: Uuid, kind: &str, detail: String) {
        self.events.push(Event {
            run_id: self.lease.run_id,
            id,
            at: self.tools.clock.now(),
            kind: kind.to_owned(),
            actor_name: String::new(),
            detail,
        });
    }

    /// The same id for the same thing that happens to this run, whoever notes it; in the order of ids, it comes after that.
    pub(super) fn once(&self, what: &str, after: Option<DateTime<Utc>>) -> Uuid {
        let millis = after.unwrap_or(self.created_at).max(self.created_at).timestamp_millis();
        let digest = Sha256::new().chain_update(self.lease.run_id.0).chain_update(what).finalize();
        let mut rest = [0; 10];
        rest.copy_from_slice(&digest[..10]);
        Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &rest).into_uuid()
    }
}

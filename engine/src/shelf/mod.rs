//! What people write in files and keep in numbered versions that never change: workflows, models, prompts.
//!
//! A version is told from another by the hash of what was read, not of the file. `service.rs` holds what can be done with
//! each kind alike; the kind says how its files are read.

mod service;
mod shelves;
mod store;

use chrono::{DateTime, Utc};
use domain::audit::{Action, Thing};
use domain::people::Permission;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Error;
use crate::db::{Db, Tx};
use crate::written::Misread;

pub use self::service::{Change, Opened, Plan, Versioned, difference};
pub use self::shelves::{Shelves, about};
pub use self::store::{Entry, Version, VersionLine, by_name, version, version_by_name};

/// A kind of thing that is kept so.
pub trait Shelved: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    const SHELF: Shelf;

    /// Reads it from a file, or says everything that is wrong with it.
    fn read(source: &str) -> Result<Self, Vec<Misread>>;

    fn name(&self) -> &str;

    /// For people.
    fn title(&self) -> &str;

    /// Chooses what it names without saying which version; refuses what names something that is not there.
    fn settled(self, _db: &Db) -> impl Future<Output = Result<Self, Error>> + Send {
        async { Ok(self) }
    }

    /// What else changes with it, in the transaction in which it is applied.
    fn applied(
        &self,
        _tx: &mut Tx,
        _id: Uuid,
        _at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }

    /// What was chosen for it, a line each: the file does not tell.
    fn chosen(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Where a kind is kept, who may see and change it, and what the audit log calls that.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    /// Its table; the versions are in one with `_version` behind it.
    pub table: &'static str,
    pub see: Permission,
    pub manage: Permission,
    pub applied: Action,
    pub thing: Thing,
}

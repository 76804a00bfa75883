use chrono::TimeDelta;

use crate::db::Db;
use crate::mail::Mailer;
use crate::people::People;
use crate::seal::Seal;

/// The use cases of payees.
#[derive(Clone)]
pub struct Payees {
    pub(super) db: Db,
    pub(super) people: People,
    pub(super) seal: Seal,
    pub(super) mailer: Mailer,
    /// How long a change is held.
    pub(super) wait: TimeDelta,
}

impl Payees {
    pub const fn new(people: People, db: Db, seal: Seal, mailer: Mailer, wait: TimeDelta) -> Self {
        Self { db, people, seal, mailer, wait }
    }

    pub const fn wait(&self) -> TimeDelta {
        self.wait
    }
}

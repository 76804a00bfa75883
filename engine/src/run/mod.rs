//! Runs: items on their way through workflows, and the workers that bring them on.
//!
//! [`Runs`] holds the use cases: starting, looking, cancelling, trying again. A [`Pool`] works: it claims what is due
//! (`pool`), brings each run on from checkpoint to checkpoint (`drive`), and writes what many of them have reached in
//! one transaction (`ledger`). What is lost with its worker is found again by `recover`.

mod bell;
mod beside;
mod change;
mod clock;
mod demand;
mod drive;
mod leases;
mod ledger;
mod look;
mod manage;
mod moving;
mod numbers;
mod pause;
mod pool;
mod recover;
mod scheduled;
mod start;
mod store;
mod sweep;
mod tally;
#[cfg(test)]
mod tests;
mod way;
mod worker;

use crate::db::Db;
use crate::workflow::Library;

use self::bell::Bell;
pub(crate) use self::clock::Clock;
pub use self::look::{Listed, Queues, Wanted, Whole};
pub use self::moving::{Move, Stay};
pub use self::numbers::{Numbers, Spans, StepNumbers};
pub use self::pool::{Pool, PoolOptions};
pub use self::start::{Start, Started};
pub use self::store::{
    Attempt, Child, DeadLetter, Event, Pause, Run, RunLine, Standing, Waiting, Waits, Worker,
};
pub(crate) use self::store::{forget, forgettable};
pub use self::sweep::Swept;
pub(crate) use self::way::readable;

/// The use cases of runs.
#[derive(Clone)]
pub struct Runs {
    db: Db,
    library: Library,
    bell: Bell,
}

impl Runs {
    pub fn new(db: Db) -> Self {
        Self { library: Library::new(db.clone()), bell: Bell::new(db.clone()), db }
    }
}

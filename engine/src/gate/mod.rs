//! Whether somebody may be asked now: whoever fails again and again is left alone for a while (breakers), and a workflow
//! that has spent the money of its day asks no more models (budgets). Both are shared by all who work on one database.

mod service;
mod store;
mod watch;

pub use self::service::{DayBudget, Gates};
pub use self::store::Row as BreakerRow;
pub use self::watch::in_words;
pub(crate) use self::watch::{Closed, Gate, Heard, Wish};

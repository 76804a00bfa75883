//! Payment: lines that were submitted become one payment per person and period, computed, checked and ready.
//!
//! A batch holds what all people get for one period in one currency. All of it is computed from the lines anew whenever one
//! of them changes, so that neither order nor repetition can make a difference; only what was approved stays as it is.

mod batch;
mod consolidate;
mod finding;
mod habits;
mod robust;
mod thresholds;

pub use batch::{BatchState, Due};
pub use consolidate::{AppliedRate, Draft, PaidLine, Share, Work, consolidate};
pub use finding::{
    Earlier, Finding, FindingKind, of_batch, of_held_account, of_pace, of_payment, of_shared_account,
};
pub use habits::Marks;
pub use robust::{Spread, median};
pub use thresholds::{Thresholds, ThresholdsDraft};

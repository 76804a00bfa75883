//! Payments: what was submitted is consolidated as it comes, looked through, and approved once.
//!
//! Whoever changes lines, or what they are paid by, marks the people it is about ([`due`]). A background job computes their
//! payments anew from all their open lines (`consolidate`), and looks through every batch that has changed (`settle`). What
//! a manager approves is told from all else by its hash (`approve`).

mod approve;
mod around;
mod bundled;
mod consolidate;
mod decide;
pub mod due;
mod look;
mod missing;
mod seen;
mod service;
mod settle;
mod store;
#[cfg(test)]
mod tests;

pub use approve::{Outcome, Stakes};
pub(crate) use bundled::{Bundled, bundled};
pub use look::{Ready, Slip, Whole};
pub use missing::Missing;
pub(crate) use missing::remind_all;
pub use service::Payments;
pub use store::account::PaidTo;
pub use store::approval::Approval;
pub use store::batch::{Batch, Summed};
pub(crate) use store::due::take_turn;
pub use store::finding::Found;
pub use store::look::{Changed, Explained, Own, Payment};

//! Runs: one item's way through a workflow, the states on that way, and how often what fails is tried again.

mod retry;
pub mod sketch;
mod state;

pub use retry::{Mishap, POISON, Retry, poison};
pub use state::{AttemptState, DeadReason, RunState, Sweep};

//! Runs: one item's way through a workflow, the states on that way, and how often what fails is tried again.

mod breaker;
mod retry;
pub mod sketch;
mod state;

pub use breaker::{Breaker, Entrance, TRIPS_AFTER};
pub use retry::{Mishap, POISON, Retry, poison};
pub use state::{AttemptState, DeadReason, RunState, Sweep};

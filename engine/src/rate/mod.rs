//! Rates of projects: written, superseded from a date, never changed.

mod service;
mod store;
#[cfg(test)]
mod tests;

pub use service::{Card, RateDraft, Rates, Uncovered};
pub use store::Named;
pub(crate) use store::is_paid;

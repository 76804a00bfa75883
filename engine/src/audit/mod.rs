//! The audit log: who did what, on what, before and after, each line holding the hash of the line before.

mod chain;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use chain::{Broken, Line};
pub use service::{Audit, Entry, Verified, record};
pub use store::Filter;

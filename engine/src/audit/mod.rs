//! The audit log: who did what, on what, before and after, each line holding the hash of the line before.

mod chain;
mod export;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use chain::{Broken, Line};
pub use export::{csv_head, csv_row, jsonl_row};
pub use service::{Audit, Entry, Verified, record, record_all};
pub use store::Filter;
pub(crate) use store::wait_in_line;

//! Disputes: whoever is paid says what is wrong with a line, and is answered in time.

mod service;
mod store;
#[cfg(test)]
mod tests;

pub use service::Disputes;
pub use store::Dispute;

//! Projects and who works on them.

mod service;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use service::coded;
pub use service::{Draft, Projects};
pub use store::Filter;

//! Workflows: reading their definitions, keeping them in versions, and what their steps come to.

mod expression;
mod interpret;
mod read;
mod schema;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod trial;

pub use interpret::{Outcome, Prepared};
pub use read::{Misread, read};
pub use service::{Change, Opened, Plan, Workflows, difference};
pub use store::{Version, VersionLine, Workflow};
pub use trial::{Trace, Traced, try_out};

//! Workflows: reading their definitions, keeping them in versions, and what their steps come to.

mod errand;
mod expression;
mod http;
mod interpret;
mod library;
mod read;
mod review;
mod schema;
mod service;
mod store;
mod template;
#[cfg(test)]
mod tests;
mod trial;

pub use errand::{Brought, PreparedWorker};
pub use expression::Known;
pub use interpret::{Begun, Outcome, Prepared, Why, waited};
pub use library::Library;
pub use read::{Misread, read};
pub use review::{Decided, PreparedReview};
pub use service::{Change, Opened, Plan, Workflows, difference};
pub use store::{Version, VersionLine, Workflow, by_name as named};
pub use trial::{Trace, Traced, try_out};

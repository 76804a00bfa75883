//! Workflows: reading their definitions, keeping them in versions, and what their steps come to.

mod asking;
mod emit;
mod errand;
mod expression;
mod http;
mod interpret;
mod library;
mod llm;
mod map;
mod material;
mod read;
mod review;
mod schema;
mod shelved;
mod template;
#[cfg(test)]
mod tests;
mod trial;

pub use asking::{Answer, Asking};
pub use emit::Told;
pub use errand::{Brought, PreparedWorker};
pub use expression::{About, Known};
pub use interpret::{Begun, Outcome, Prepared, Why, waited};
pub use library::Library;
pub use map::{Ended, PreparedMap};
pub use material::{Materials, Part};
pub use read::read;
pub use review::{Decided, PreparedReview};
pub use schema::Schema;
pub use shelved::{Workflow, Workflows, named};
pub use trial::{Trace, Traced, try_out};

//! Timesheets: entering, submitting, returning.

mod around;
mod enter;
mod export;
pub mod import;
mod post;
mod service;
mod sheet;
mod store;
mod submit;
#[cfg(test)]
mod tests;

pub use enter::{Entered, LineDraft, Refused};
pub use export::{Place, Wanted};
pub use post::{How, Posted};
pub use service::Timesheets;
pub use sheet::{Cell, Row, Sheet};
pub use store::week::Said;
pub(crate) use submit::release;
pub use submit::{CONFIRM, field};

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
mod timer;

pub use enter::{Entered, LineDraft, Refused};
pub use export::{Place, Wanted};
pub use post::{How, Posted};
pub use service::Timesheets;
pub use sheet::{Cell, Clock, Row, Sheet};
pub use store::timer::Timer;
pub use store::week::Said;
pub(crate) use submit::release;
pub use submit::{CONFIRM, field};

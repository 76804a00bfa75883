//! Projects: who works on what, and how that is paid.

mod assign;
mod service;
mod store;
mod tasks;
mod terms;
#[cfg(test)]
mod tests;

pub use assign::{AssignmentDraft, level_on};
pub use service::{Draft, Projects};
pub(crate) use service::{coded, no_such_project};
pub(crate) use store::project::by_id_in as in_tx;
pub(crate) use store::{member, task};
pub use store::{member::LevelFrom, project::Filter};
pub use tasks::TaskDraft;

//! The desk of workflows: what is done with each item, and which version of it.

mod graph;
mod list;
mod numbers;
mod page;

pub use list::list_page;
pub use page::workflow_page;

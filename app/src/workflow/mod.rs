//! The desk of workflows: what is done with each item, and which version of it.

mod api;
#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
mod difference;
#[cfg(feature = "ssr")]
mod graph;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod numbers;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
#[cfg(feature = "ssr")]
pub use apply::apply_page;
#[cfg(feature = "ssr")]
pub use list::list_page;
#[cfg(feature = "ssr")]
pub use page::workflow_page;

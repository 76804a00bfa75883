//! The desk of annotators: a week of work, entered and submitted.

mod api;
#[cfg(feature = "ssr")]
mod cells;
mod grid;
#[cfg(feature = "hydrate")]
mod live;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
#[cfg(feature = "ssr")]
pub use page::week_page;

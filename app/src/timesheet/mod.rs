//! The desk of annotators: a week of work, entered and submitted.

mod api;
#[cfg(feature = "ssr")]
mod cells;
#[cfg(feature = "ssr")]
mod clock;
mod files;
mod grid;
#[cfg(feature = "hydrate")]
mod live;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
pub use files::*;
#[cfg(feature = "ssr")]
pub use page::week_page;

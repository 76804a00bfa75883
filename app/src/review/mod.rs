//! The desk of reviews: what waits for a person, and deciding it.

mod api;
#[cfg(feature = "ssr")]
mod decision;
#[cfg(feature = "ssr")]
mod item;
#[cfg(feature = "ssr")]
mod parts;
#[cfg(feature = "ssr")]
mod queue;
#[cfg(feature = "ssr")]
mod value;

pub use api::*;
#[cfg(feature = "ssr")]
pub use item::item_page;
#[cfg(feature = "ssr")]
pub use parts::why_short;
#[cfg(feature = "ssr")]
pub use queue::queue_page;

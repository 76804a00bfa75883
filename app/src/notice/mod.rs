//! Notices: what one was told, and how many of it one has not read.

mod api;
#[cfg(feature = "ssr")]
mod count;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
#[cfg(feature = "ssr")]
pub(crate) use count::unread;
#[cfg(feature = "ssr")]
pub use page::notices_page;

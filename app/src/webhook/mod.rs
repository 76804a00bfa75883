//! What runs tell others: messages, whether they have arrived, and sending them again.

mod api;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
#[cfg(feature = "ssr")]
pub use list::list_page;
#[cfg(feature = "ssr")]
pub use page::message_page;

//! Disputes: saying that a line is wrong, and answering.

mod api;
#[cfg(feature = "ssr")]
mod line;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
#[cfg(feature = "ssr")]
pub(crate) use line::about_line;
#[cfg(feature = "ssr")]
pub use page::disputes_page;

//! The rates of a project.

mod api;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
#[cfg(feature = "ssr")]
pub use page::rates_page;

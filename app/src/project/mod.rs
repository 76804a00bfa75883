//! The desk of projects.

mod api;
#[cfg(feature = "ssr")]
mod edit;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod page;

pub use api::*;
#[cfg(feature = "ssr")]
pub use edit::{edit_page, new_page};
#[cfg(feature = "ssr")]
pub use list::{list_page, short_list};
#[cfg(feature = "ssr")]
pub use page::project_page;

//! What is written in files and kept in versions, whatever it is about: applying a file, lists, versions and what is
//! different between two.

mod api;
#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
mod difference;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod place;
#[cfg(feature = "ssr")]
mod versions;

pub use api::*;
#[cfg(feature = "ssr")]
pub use apply::apply_page;
#[cfg(feature = "ssr")]
pub use list::list;
#[cfg(feature = "ssr")]
pub use place::{desk, page_of};
#[cfg(feature = "ssr")]
pub use versions::Versions;

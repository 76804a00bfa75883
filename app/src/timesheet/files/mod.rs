//! Timesheets as files: bringing them, looking at what they hold, and taking them.

mod api;
#[cfg(feature = "ssr")]
mod bring;
#[cfg(feature = "ssr")]
mod dropped;
#[cfg(feature = "ssr")]
mod mapping;
#[cfg(feature = "ssr")]
mod one;

pub use api::*;
#[cfg(feature = "ssr")]
pub use bring::bring_page;
#[cfg(feature = "ssr")]
pub use dropped::dropped_page;

/// Where files are brought; each drop has a page of its own under it.
pub const BRING: &str = "/timesheet/files";

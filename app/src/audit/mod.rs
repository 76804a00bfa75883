//! The audit log, for those who may read it.

#[cfg(feature = "ssr")]
mod line;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod wanted;

#[cfg(feature = "ssr")]
pub use line::{latest_lines, lines_of_day};
#[cfg(feature = "ssr")]
pub use page::page;
#[cfg(feature = "ssr")]
pub use wanted::{Unclear, Wanted};

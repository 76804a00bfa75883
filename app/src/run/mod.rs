//! The desk of runs: items on their way through workflows, what each has come to, and what waits.

mod api;
#[cfg(feature = "ssr")]
mod breakers;
#[cfg(feature = "ssr")]
mod budgets;
#[cfg(feature = "ssr")]
mod change;
#[cfg(feature = "ssr")]
mod dead;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod moving;
#[cfg(feature = "ssr")]
pub mod parts;
#[cfg(feature = "ssr")]
mod queues;
#[cfg(feature = "ssr")]
mod start;
#[cfg(feature = "ssr")]
mod story;
#[cfg(feature = "ssr")]
mod talk;
#[cfg(feature = "ssr")]
mod trace;
#[cfg(feature = "ssr")]
mod wanted;
#[cfg(feature = "ssr")]
mod waterfall;

pub use api::*;
#[cfg(feature = "ssr")]
pub use change::change_page;
#[cfg(feature = "ssr")]
pub use dead::dead_page;
#[cfg(feature = "ssr")]
pub use list::list_page;
#[cfg(feature = "ssr")]
pub use moving::move_page;
#[cfg(feature = "ssr")]
pub use queues::queues_page;
#[cfg(feature = "ssr")]
pub use start::{blank, start_page};
#[cfg(feature = "ssr")]
pub use trace::trace_page;

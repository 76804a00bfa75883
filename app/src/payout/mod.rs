//! Payouts: what of an approved batch is sent, by which file, and what has become of it.

mod api;
#[cfg(feature = "ssr")]
mod payer;
#[cfg(feature = "ssr")]
mod report;
#[cfg(feature = "ssr")]
mod section;
#[cfg(feature = "ssr")]
mod sheet;

pub use api::*;
#[cfg(feature = "ssr")]
pub use payer::payer_page;
#[cfg(feature = "ssr")]
pub use report::report_page;
#[cfg(feature = "ssr")]
pub(crate) use section::section;
#[cfg(feature = "ssr")]
pub use sheet::sheet_page;

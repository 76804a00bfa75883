//! Payments: the batches that managers approve, and everybody's own pay.

mod api;
#[cfg(feature = "ssr")]
mod batch;
#[cfg(feature = "ssr")]
mod batches;
#[cfg(feature = "ssr")]
mod exceptions;
#[cfg(feature = "ssr")]
mod mine;
#[cfg(feature = "ssr")]
mod parts;
#[cfg(feature = "ssr")]
mod slip;
#[cfg(feature = "ssr")]
mod thresholds;

pub use api::*;
#[cfg(feature = "ssr")]
pub use batch::batch_page;
#[cfg(feature = "ssr")]
pub use batches::batches_page;
#[cfg(feature = "ssr")]
pub use mine::mine_page;
#[cfg(feature = "ssr")]
pub(crate) use parts::{amount, counted, hours, pay_tabs, units};
#[cfg(feature = "ssr")]
pub use slip::slip_page;
#[cfg(feature = "ssr")]
pub use thresholds::thresholds_page;

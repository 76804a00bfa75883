//! Payouts: what was approved is sent. Each payment has one transfer at most that pays it, or may yet; a file orders many of
//! them and is kept as it was made; what has become of each is said afterwards.

mod again;
pub mod bundle;
mod look;
mod make;
mod payer;
mod ready;
mod report;
mod service;
mod settle;
mod store;
mod tell;
#[cfg(test)]
mod tests;

pub use look::{Group, Paying, Sheet};
pub(crate) use ready::ready;
pub use report::{Change, Taken};
pub use service::Payouts;
pub use store::file::PayoutFile;
pub use store::transfer::{Stuck, Transfer};

//! Payees: where people are paid to. An account is kept sealed, counts after a hold, and is never changed but followed by
//! another one.

mod enter;
mod look;
mod sealed;
mod service;
mod store;
mod tell;
#[cfg(test)]
mod tests;

pub use look::{Known, Wanted};
pub(crate) use sealed::unseal;
pub use service::Payees;
pub(crate) use store::counting;
pub use store::{Kept, Listed};

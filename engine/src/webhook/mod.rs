//! Webhooks: messages that runs send, by the Standard Webhooks scheme. A message is written in the transaction of the
//! checkpoint of its step, and delivered afterwards as often as it takes: it is never lost, and may arrive more than once,
//! always under the same id.

mod deliver;
mod service;
mod sign;
mod store;

pub(crate) use self::deliver::Courier;
pub use self::service::{MessageFilter, Webhooks, WholeMessage};
pub use self::sign::{Key, sign};
pub(crate) use self::store::write;
pub use self::store::{Delivery, Message, Written};
#[cfg(test)]
pub(crate) use self::store::{settle, take};

//! Notices: whoever has to know of something is told here, in the transaction in which it happens, and by mail a little later
//! if they have not read it by then.

mod post;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use post::Post;
pub(crate) use post::is_any_due;
pub use service::Notices;
pub(crate) use service::{New, forget, take_back, tell};
pub use store::Notice;

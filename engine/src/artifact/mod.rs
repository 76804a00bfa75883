//! What is too large for the rows that workers read all the time: it is set aside under its hash, in the same transaction, and
//! a reference stands in its place.
//!
//! It is kept in the database and not in a folder beside it: so it is there or not there together with what refers to it, a
//! backup holds all of it, and servers that share a database share it, too.

mod aside;
mod store;
#[cfg(test)]
mod tests;

pub use aside::{Artifact, Aside, LARGEST_INSIDE, Reference, from_hex};
pub use store::{bring_back, bring_back_now, content, forget, keep};

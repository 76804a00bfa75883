//! Reviews: what a step of a run has found waits until a person has looked at it.
//!
//! The engine opens them as runs reach such steps, and takes what was decided from here when it goes on with the run:
//! always in its own transactions. [`Reviews`] holds what people do with them.

mod look;
mod service;
mod store;

pub use look::{Sought, WholeReview};
pub use service::Reviews;
pub use store::{
    Handed, Opened, Review, ReviewLine, current_of, forget, forget_failed, hand_on, lapse, open, open_among,
    reviews_of, withdraw,
};

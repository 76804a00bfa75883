//! Errands: steps that programs of the user do, in any language.
//!
//! The engine offers them as runs reach such steps, and takes what was brought back when it goes on with the run: always in
//! its own transactions. [`Errands`] holds what those programs do: taking, staying heard of, bringing back.

mod service;
mod store;

pub use service::{Back, Claim, Errands};
pub use store::{
    Errand, ErrandQueue, Offered, Taken, current_of, forget, forget_failed, give_up, give_up_poisonous,
    lapse, offer, offer_again, open_among, poisonous, queues, withdraw,
};

//! What happens in Countersign: use cases and their SQL, and calls to the outside world.
//!
//! A folder per feature, named as in `domain`. `service.rs` holds the use cases and owns the transactions,
//! `store.rs` the feature's SQL and nothing else.

pub mod act;
pub mod artifact;
pub mod audit;
pub mod db;
pub mod demo;
pub mod dispute;
pub mod errand;
mod error;
pub mod gate;
pub mod job;
pub mod mail;
pub mod model;
pub mod notice;
pub mod outbound;
pub mod page;
pub mod payee;
pub mod payment;
pub mod payout;
pub mod people;
pub mod project;
pub mod rate;
pub mod review;
pub mod run;
pub mod schedule;
pub mod seal;
pub mod secret;
pub mod shelf;
mod table;
mod template;
pub mod timesheet;
pub mod webhook;
pub mod workflow;
pub mod world;
pub mod written;

pub use error::Error;

#[cfg(any(test, feature = "testing"))]
#[expect(clippy::expect_used, reason = "a test that cannot have its database should stop there")]
pub mod testing;

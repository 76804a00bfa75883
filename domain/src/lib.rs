//! What is true in Countersign: types, rules and state machines.
//!
//! Nothing here does I/O, reads a clock or rolls dice; what a rule needs is passed in. The crate compiles for the
//! server and for the browser, so that a form checks a value with the very parser the server will use.

pub mod audit;
pub mod cell;
pub mod currency;
pub mod dispute;
pub mod errand;
pub mod fault;
pub mod ids;
pub mod model;
pub mod money;
pub mod notice;
pub mod number;
pub mod payee;
pub mod payment;
pub mod payout;
pub mod people;
pub mod period;
pub mod project;
pub mod rate;
pub mod review;
pub mod run;
pub mod span;
mod text;
pub mod timesheet;
pub mod webhook;
pub mod workflow;

pub use currency::Currency;
pub use fault::{Fault, FaultKind, Wrong};

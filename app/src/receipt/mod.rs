//! Receipts: a payment on paper, from line to rate to sum, for whoever was paid to keep.

mod paper;
mod write;

pub use write::{Receipt, write};

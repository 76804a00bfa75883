//! Bundles: all that was approved and paid with a batch, in one file that anybody can check without us: the text whose hash was
//! approved, its lines with their rates, who approved it, the payment files byte for byte, and what the audit log says of it.

mod make;
mod parts;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub use verify::{Check, verify};

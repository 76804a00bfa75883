//! Workflows: reading their definitions, and what their steps come to.

mod expression;
mod interpret;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod trial;

pub use interpret::{Outcome, Prepared};
pub use read::{Misread, read};
pub use trial::{Trace, Traced, try_out};

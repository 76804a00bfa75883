//! Money: whole minor units of a currency, and prices of work in millionths of the major unit. Never a float.

mod amount;
pub mod decimal;
mod price;

pub use amount::{Amount, Pay};
pub use price::WorkPrice;

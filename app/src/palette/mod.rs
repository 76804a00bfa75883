//! The command palette: everywhere one can go and everybody one can find, from the keyboard.

mod api;
mod island;
#[cfg(feature = "hydrate")]
mod live;

pub use api::{Found, find};
pub use island::{Answer, Command, Palette};

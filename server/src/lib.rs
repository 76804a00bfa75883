//! The host: it gives the use cases a command line, an HTTP server and a place to live. No rule lives here.

mod api;
pub mod cli;
mod house;
pub mod http;
mod lifecycle;
mod telemetry;

pub use house::{House, HouseOptions};
pub use lifecycle::{Patience, serve_until};

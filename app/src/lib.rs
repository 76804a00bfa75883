//! What people see. A folder per desk; `ui` holds what they share.
//!
//! Pages (`page.rs`) are rendered on the server and never part of the WASM. Islands are the small pieces that react in
//! the browser. Server functions (`api.rs`) say who is asking, call the service and return; a plain form posts to them
//! just as an island does.

// The type of a view is as deep as its markup.
#![recursion_limit = "256"]

pub mod api_docs;
pub mod audit;
pub mod dispute;
pub mod home;
#[cfg(feature = "ssr")]
pub mod model;
pub mod notice;
pub mod palette;
pub mod payee;
pub mod payment;
pub mod payout;
pub mod people;
pub mod profile;
pub mod project;
pub mod rate;
#[cfg(feature = "ssr")]
pub mod receipt;
pub mod review;
pub mod run;
#[cfg(feature = "ssr")]
pub mod schedule;
pub mod shelf;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod sign_in;
pub mod timesheet;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod visit;
pub mod webhook;
mod wire;
#[cfg(feature = "ssr")]
pub mod workflow;

pub use wire::Failure;

/// Wakes the islands of the page up.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

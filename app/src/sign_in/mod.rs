//! Coming in: signing in, the first set-up, invitations, new passwords.

mod api;
#[cfg(feature = "ssr")]
mod links;
#[cfg(feature = "ssr")]
mod pages;

pub use api::*;
#[cfg(feature = "ssr")]
pub use links::{invitation_page, reset_page, set_up_page};
#[cfg(feature = "ssr")]
pub use pages::{code_page, forgot_page, nowhere, page};

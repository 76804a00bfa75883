//! What everybody looks after for themselves: who they are, where they are signed in, their tokens.

mod api;
#[cfg(feature = "ssr")]
mod details;
#[cfg(feature = "ssr")]
mod qr;
#[cfg(feature = "ssr")]
mod security;
#[cfg(feature = "ssr")]
mod tokens;

pub use api::*;
#[cfg(feature = "ssr")]
pub use details::details_page;
#[cfg(feature = "ssr")]
pub use security::{new_password, security_page};
#[cfg(feature = "ssr")]
pub use tokens::tokens_page;

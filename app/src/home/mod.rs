//! Where one arrives.

#[cfg(feature = "ssr")]
mod page;

#[cfg(feature = "ssr")]
pub use page::page;

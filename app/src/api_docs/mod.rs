//! The API, for people to read. Programs read `/api/v1/openapi.json`, and this page is made from it.

#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod schema;

#[cfg(feature = "ssr")]
pub use page::{Description, page};

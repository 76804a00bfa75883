//! The desk of people.

mod api;
#[cfg(feature = "ssr")]
mod import;
#[cfg(feature = "ssr")]
mod invite;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod person;
#[cfg(feature = "ssr")]
mod sessions;

pub use api::*;
#[cfg(feature = "ssr")]
pub use import::import_page;
#[cfg(feature = "ssr")]
pub use invite::invite_page;
#[cfg(feature = "ssr")]
pub use list::list_page;
#[cfg(feature = "ssr")]
pub use person::person_page;
#[cfg(feature = "ssr")]
pub use sessions::session_list;

//! The desk of projects.

mod api;
#[cfg(feature = "ssr")]
mod assignment;
#[cfg(feature = "ssr")]
mod edit;
#[cfg(feature = "ssr")]
pub mod frame;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod tasks;
#[cfg(feature = "ssr")]
mod terms;

pub use api::*;
#[cfg(feature = "ssr")]
pub use assignment::assignment_page;
#[cfg(feature = "ssr")]
pub use edit::{edit_page, new_page};
#[cfg(feature = "ssr")]
pub use list::{list_page, short_list};
#[cfg(feature = "ssr")]
pub use page::project_page;
#[cfg(feature = "ssr")]
pub use tasks::{task_page, tasks_page};
#[cfg(feature = "ssr")]
pub use terms::terms_page;

//! Projects: what people work on, and who works on what.

mod code;
mod member;
mod record;

pub use code::{ClientName, ProjectCode, ProjectName};
pub use member::Member;
pub use record::{Project, ProjectStatus};

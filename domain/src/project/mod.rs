//! Projects: what people work on, and who works on what.

mod code;
mod member;
mod record;
mod task_type;
mod terms;

pub use code::{ClientName, ProjectCode, ProjectName};
pub use member::Member;
pub use record::{Project, ProjectStatus};
pub use task_type::{PaidBy, TaskName, TaskType, UnitName};
pub use terms::{Terms, TermsDraft};

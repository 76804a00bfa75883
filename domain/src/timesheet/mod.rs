//! Timesheets: what people say they have worked, and what must be true of it.

mod hours;
pub mod import;
mod line;
pub mod rules;
mod spent;
mod stint;
mod week;

pub use hours::Hours;
pub use line::{Line, LineNote, LineSource, LineState};
pub use spent::{Reading, Spent, Stretch, Which};
pub use stint::{Moment, Stint, Stints};
pub use week::{Week, is_weekend};

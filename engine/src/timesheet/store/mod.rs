//! The SQL of timesheets.

pub mod around;
pub mod crowd;
pub mod file;
pub mod line;
pub mod timer;
pub mod week;
pub mod written;

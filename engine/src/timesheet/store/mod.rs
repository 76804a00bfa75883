//! The SQL of timesheets.

pub mod around;
pub mod line;
pub mod week;

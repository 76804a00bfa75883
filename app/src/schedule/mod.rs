//! What starts by itself, and when.

mod page;

pub use page::schedules_page;

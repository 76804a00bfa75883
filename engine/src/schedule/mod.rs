//! Schedules: workflows that start by themselves, by the clock on the wall. A workflow says when in its definition; the
//! rows here say when it is next.

mod cron;
mod service;
mod store;

pub(crate) use self::cron::next_after;
pub use self::cron::{in_words, pattern};
pub use self::service::Schedules;
pub(crate) use self::service::replace;
pub use self::store::Row as ScheduleRow;
pub(crate) use self::store::{first_due, move_on, next_due, note};

//! Periods: the days that are paid together, and when what was worked in them must be in, and is paid.

mod calendar;

pub use calendar::{Calendar, Period, Rhythm};

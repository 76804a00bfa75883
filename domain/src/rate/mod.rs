//! Rates: what work on a project is paid by, for whom and from when.
//!
//! A rate is never changed. A new one for the same people supersedes it from a date, so that what was paid stays
//! explained. Of all that fit a piece of work on its day, the most specific applies, and there is only one such.

mod book;
mod card;
mod level;

pub use book::RateBook;
pub use card::{For, Rate, Scope};
pub use level::Level;

//! How a spreadsheet of hours is understood: which of its columns says what, how its dates are written, and which lines
//! its rows come to. Nothing here knows who or what there is; names are looked up by whoever asks.

mod cell;
mod day;
mod drawn;
mod layout;
#[cfg(test)]
mod tests;
mod titles;

pub use cell::{Cell, Merged, Row, Table};
pub use day::{DayOrder, DayTitle};
pub use drawn::{Drawn, Flaw, Reading, Worked};
pub use layout::{Aside, Layout, MOST_COLUMNS, Mapping, Role};
pub use titles::folded;

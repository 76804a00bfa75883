//! Reviews: a run waits until a person has looked at what a step has found.

mod trigger;
mod verdict;

pub use trigger::{Ground, Trigger};
pub use verdict::{Level, ReviewState, Said, Verdict};

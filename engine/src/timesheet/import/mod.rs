//! Timesheets as files: some are dropped together and looked at, and then taken, each of them whole or not at all.

mod crowd;
mod delimited;
mod judge;
mod look;
mod names;
mod preview;
mod read;
mod seen;
mod service;
mod source;
#[cfg(test)]
mod tests;
mod workbook;

pub use preview::{Column, Preview, Said, letters};
pub use seen::{DropBrief, Dropped, FileSeen, Standing};
pub use service::{MOST_FILES, TakenFiles, Upload};

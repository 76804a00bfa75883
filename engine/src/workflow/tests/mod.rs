//! Definitions as they are written in files, and their versions on both databases.

mod definitions;
mod versions;

use super::*;

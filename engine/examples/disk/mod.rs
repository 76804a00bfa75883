//! Where benches keep their files.

use tempfile::TempDir;

/// A folder beside this program, and not in the temporary one: that is often in memory, where fsync costs nothing.
pub fn folder() -> TempDir {
    let here = std::env::current_exe().expect("the path of this program");
    tempfile::tempdir_in(here.parent().expect("it lies in a folder")).expect("a folder")
}

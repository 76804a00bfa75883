//! `countersign`: see `countersign --help`.

use std::process::ExitCode;

/// A page is thousands of small pieces of text, made and thrown away on every thread. The allocator of the C library takes a
/// third of a page's time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    host::cli::main()
}

//! `countersign`: see `countersign --help`.

use std::process::ExitCode;

/// A page is thousands of small pieces of text, made and thrown away on every thread. The allocator of the C library
/// spends a third of a page on that, and keeps what a moment of load has taken.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    host::cli::main()
}

//! `cargo xtask`: the commands of the house. Each sets up what it needs, says what it does, and is safe to repeat.

mod bench;
mod client;
mod cluster;
mod crash;
mod dev;
mod dist;
mod host;
mod place;
mod run;
mod server;
mod sh;
mod site;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Build, try, test and measure Countersign.
///
/// Every command needs Rust and Node.js only and sets up the rest itself: the compiler's browser target, npm packages
/// and, for tests, PostgreSQL and Chromium. What cannot be set up is named together with what to do.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build what changed and serve it with the demo, on http://127.0.0.1:3000.
    ///
    /// The first time takes some minutes, after that seconds. The program prints its address and the sign-ins of the
    /// demo. Ctrl-C stops it after the requests in flight are answered.
    Run(run::Options),
    /// Run the tests: all of them, or the parts named.
    ///
    /// Ends with one line: N passed, N failed. A part that cannot run counts as failed; the others still run.
    Test(test::Options),
    /// Make `dist/`: the program and its site, and nothing else is needed to run it. Beside it the model of the demo.
    Build,
    /// Serve, and build and start again whenever a source file changes.
    ///
    /// Quicker builds than `run`, and a site that is larger for it. Open pages reload themselves.
    Dev(run::Serve),
    /// Measure the release build. The last line printed is one JSON object.
    Bench(bench::Options),
    /// Kill the server again and again while clients write, and look whether anything was lost.
    ///
    /// The last line printed is one JSON object. Ends with status 1 if an acknowledged change is missing, is there twice
    /// or is not in the audit log, or if the log's chain is broken.
    Crash(crash::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    sh::catch_interrupts()?;
    match command {
        Command::Run(options) => run::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Test(options) => test::run(&options),
        Command::Build => dist::build().map(|()| ExitCode::SUCCESS),
        Command::Dev(options) => dev::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Bench(options) => bench::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Crash(options) => crash::run(&options),
    }
}

//! `cargo xtask bench`: numbers about the release build. No bench is a test: machines differ, and a slow one is no bug.

mod deadline;
mod load;
mod pages;
mod soak;

use anyhow::{Result, bail};
use clap::Subcommand;

use crate::cluster::{Cluster, Commits};
use crate::sh;

#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Small transactions from 64 writers on SQLite with full sync: one by one, and sharing commits.
    Db,
    /// Steps, a backlog, waiting and taking in, on SQLite and on a PostgreSQL of our own, both with full sync.
    Engine,
    /// Lists of runs and reviews where there are a million of them, on SQLite and on a PostgreSQL of our own.
    Lists,
    /// A million lines of a thousand people become one batch, and are approved, on SQLite and on a PostgreSQL of our own.
    Consolidate,
    /// The people page over 20 connections: pages per second, latency, errors; memory, start and WASM size too.
    Pages(pages::Options),
    /// Five thousand annotators submit a week each within a minute: errors, latency, and when all of it is in batches.
    Deadline(deadline::Options),
    /// Thirty people in real browsers for two minutes: panics, answers of 500 and above, errors on the console.
    Soak(soak::Options),
}

pub fn run(options: &Options) -> Result<()> {
    match &options.bench {
        Bench::Db => example("bench_db", None),
        Bench::Engine => {
            let cluster = Cluster::start(Commits::Durable)?;
            example("bench_engine", Some(("COUNTERSIGN_BENCH_POSTGRES", &cluster.url)))
        }
        Bench::Lists => {
            let cluster = Cluster::start(Commits::Durable)?;
            example("bench_lists", Some(("COUNTERSIGN_BENCH_POSTGRES", &cluster.url)))
        }
        Bench::Consolidate => {
            let cluster = Cluster::start(Commits::Durable)?;
            example("bench_consolidate", Some(("COUNTERSIGN_BENCH_POSTGRES", &cluster.url)))
        }
        Bench::Pages(options) => pages::run(options),
        Bench::Deadline(options) => deadline::run(options),
        Bench::Soak(options) => soak::run(options),
    }
}

/// Benches of the engine are examples of it, and print their JSON themselves. It is held back until everything else is
/// said, to be the last line.
fn example(name: &str, variable: Option<(&str, &str)>) -> Result<()> {
    let mut cargo = sh::cargo(None);
    cargo.args(["run", "--release", "--package", "engine", "--example", name]).envs(variable);
    let mut last: Option<String> = None;
    let status = sh::lines(&mut cargo, |line| {
        if let Some(before) = last.replace(line.to_owned()) {
            println!("{before}");
        }
    })?;
    if !status.success() {
        bail!("the bench ended with {status}");
    }
    println!("{}", last.unwrap_or_default());
    Ok(())
}

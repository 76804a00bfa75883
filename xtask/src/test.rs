//! `cargo xtask test`: the parts, one after the other, and what came of them.
//!
//! All cargo steps share one target folder and the dev profile, and all tests of a call are built by one cargo with one
//! set of features: on two cores compiling is most of the time, and a dependency compiled twice is minutes.

mod binaries;
mod browser;
mod count;
mod lint;
mod workshop;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::sh;
use count::{Count, Report};
use workshop::Workshop;

#[derive(clap::Args)]
pub struct Options {
    /// The parts to run; all of them when none is named.
    #[arg(value_enum, value_name = "PART")]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Part {
    /// Formatting, clippy for the server and for the browser, and that both databases have the same migrations.
    Lint,
    /// What needs no database and no network: rules, properties, examples in the documentation.
    Unit,
    /// Stores and the engine, on SQLite and on a PostgreSQL of our own.
    Db,
    /// The server as its clients see it, on both databases, and the weight of the WASM.
    Http,
    /// The product in Chromium, with Playwright and axe.
    Browser,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Unit => "unit",
            Self::Db => "db",
            Self::Http => "http",
            Self::Browser => "browser",
        }
    }

    /// The crates whose tests make up the part. xtask's own are built apart: see `binaries`.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Lint | Self::Browser => &[],
            Self::Unit => &["domain", "stand-in"],
            Self::Db => &["engine"],
            Self::Http => &["app", "server"],
        }
    }
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let named: BTreeSet<Part> = options.parts.iter().copied().collect();
    let parts: Vec<Part> = Part::value_variants()
        .iter()
        .copied()
        .filter(|part| named.is_empty() || named.contains(part))
        .collect();
    let workshop = Workshop::new(parts.iter().flat_map(|part| part.packages()).copied().collect());

    let mut report = Report::default();
    let mut weighed = false;
    for part in parts {
        sh::say(format!("TEST {}", part.name()));
        let (begin, prepared) = (Instant::now(), workshop.time_spent());
        let mut count = Count::default();
        match part {
            Part::Lint => lint::run(&mut count),
            Part::Unit => {
                count.step("xtask's own tests", || binaries::build(&["xtask"])?.run(&["xtask"], &[]));
                count.step("unit tests", || workshop.tests()?.run(part.packages(), &[]));
                count.step("examples in the documentation", || binaries::documentation(workshop.packages()));
            }
            Part::Db => count.step("database tests", || {
                let cluster = workshop.cluster()?;
                workshop.tests()?.run(part.packages(), &[("COUNTERSIGN_TEST_POSTGRES", &cluster.url)])
            }),
            Part::Http => {
                count.step("HTTP tests", || {
                    let (site, cluster) = (workshop.site()?, workshop.cluster()?);
                    let site = site.folder.to_string_lossy();
                    let environment =
                        [("COUNTERSIGN_TEST_POSTGRES", &*cluster.url), ("COUNTERSIGN_TEST_SITE", &site)];
                    workshop.tests()?.run(part.packages(), &environment)
                });
            }
            Part::Browser => count.step("browser tests", || browser::run(&workshop)),
        }
        if matches!(part, Part::Http | Part::Browser) && !weighed {
            weighed = true;
            count.step("the weight of the WASM", || weigh(&workshop));
        }
        if sh::interrupted() {
            bail!("interrupted");
        }
        let shared = workshop.time_spent().saturating_sub(prepared);
        report.add(part.name(), count, begin.elapsed().saturating_sub(shared));
    }
    for (name, time) in workshop.take_times() {
        report.add_preparation(name, time);
    }
    print!("{report}");
    Ok(if report.total().failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn weigh(workshop: &Workshop) -> Result<Count> {
    let weight = workshop.site()?.weight()?;
    println!("{weight}");
    if !weight.is_within_ceiling() {
        bail!("the browser side is over its ceiling");
    }
    Ok(Count::PASSED)
}

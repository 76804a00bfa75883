//! Playwright on the program as it is shipped. Its tests start the server themselves, from what the environment names.

use std::fs;

use anyhow::{Context, Result};

use super::count::Count;
use super::workshop::Workshop;
use crate::place::{self, Profile};
use crate::{sh, tools};

pub fn run(workshop: &Workshop) -> Result<Count> {
    tools::npm_packages()?;
    let chromium = tools::chromium()?;
    let site = workshop.site()?;
    workshop.server()?;
    let cluster = workshop.cluster()?;

    let report = place::target().join("playwright.json");
    if report.exists() {
        fs::remove_file(&report).context("cannot remove the report of the last run")?;
    }
    let mut playwright = sh::command(place::end2end().join("node_modules/.bin/playwright"));
    playwright
        .current_dir(place::end2end())
        .args(["test", "--reporter=list,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("COUNTERSIGN_BIN", place::server(Profile::Release))
        .env("COUNTERSIGN_SITE", &site.folder)
        .env("COUNTERSIGN_TEST_POSTGRES", &cluster.url)
        .env("CHROMIUM_PATH", chromium);
    let result = sh::run(&mut playwright);
    let mut count = match fs::read_to_string(&report) {
        Ok(report) => Count::from_playwright(&report)?,
        Err(_) => Count::default(),
    };
    if let Err(error) = result
        && count.failed == 0
    {
        eprintln!("FAILED: {error:#}");
        count += Count::FAILED;
    }
    Ok(count)
}

//! `cargo xtask bench soak`: many people at once in real browsers, clicking about, on the program as it is shipped.

use anyhow::Result;

use crate::place::{self, Profile};
use crate::{server, sh, site, tools};

#[derive(clap::Args)]
pub struct Options {
    /// How many people at once, each with a browser session of their own.
    #[arg(long, default_value_t = 30)]
    sessions: u16,
    /// For how long.
    #[arg(long, default_value_t = 120)]
    seconds: u32,
}

pub fn run(options: &Options) -> Result<()> {
    tools::npm_packages()?;
    let chromium = tools::chromium()?;
    let site = site::build(Profile::Release)?;
    server::build(Profile::Release)?;
    let mut soak = sh::command("node");
    soak.current_dir(place::end2end())
        .args(["soak.mjs", "--sessions", &options.sessions.to_string()])
        .args(["--seconds", &options.seconds.to_string()])
        .env("COUNTERSIGN_BIN", place::server(Profile::Release))
        .env("COUNTERSIGN_SITE", &site.folder)
        .env("CHROMIUM_PATH", chromium);
    // It prints its JSON last, and ends with 1 if anything in it went wrong.
    sh::run(&mut soak)
}

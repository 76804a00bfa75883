//! `cargo xtask run`: what a newcomer types first.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::place::{self, Profile};
use crate::{server, sh, site};

#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    serve: Serve,
    /// Build in the dev profile: compiles faster, runs slower.
    #[arg(long)]
    debug: bool,
}

/// What to serve, and where.
#[derive(clap::Args)]
pub struct Serve {
    /// The port to listen on, at 127.0.0.1.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The folder for the database and all else that is kept; made when it is missing.
    #[arg(long, default_value = "data", value_name = "FOLDER")]
    data: PathBuf,
    /// Start empty: no demo people and projects. The program then prints a link to set up the first admin.
    #[arg(long)]
    no_demo: bool,
    /// Keep the data in this PostgreSQL instead of in the folder: postgres://user:password@host/database
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl Serve {
    /// `countersign serve …` as these options want it.
    pub fn command(&self, profile: Profile) -> Command {
        let mut serve = sh::command(place::server(profile));
        serve.args(["serve", "--listen", &format!("127.0.0.1:{}", self.port)]);
        serve.arg("--data-dir").arg(&self.data).arg("--site-dir").arg(place::site(profile));
        if let Some(url) = &self.database_url {
            serve.args(["--database-url", url]);
        }
        if !self.no_demo {
            serve.arg("--demo");
        }
        serve
    }
}

pub fn run(options: &Options) -> Result<()> {
    let profile = if options.debug { Profile::Dev } else { Profile::Release };
    site::build(profile)?;
    server::build(profile)?;
    // The program takes our place: Ctrl-C is its own business from here.
    let error = options.serve.command(profile).exec();
    Err(error).with_context(|| format!("cannot start {}", place::server(profile).display()))
}

//! What a machine needs beyond Rust and Node, fetched when it is missing. Where that cannot be done the error says
//! what is missing and what to do; only `wasm-opt` may stay away, because the site works without it.

mod wasm;

pub use wasm::{Toolchain, toolchain};

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{place, sh};

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn can_install() -> bool {
    is_root() && sh::find("apt-get").is_some()
}

/// Installs Debian packages, or says what a person has to do.
pub fn install(packages: &[&str], what_for: &str) -> Result<()> {
    let names = packages.join(" ");
    if !can_install() {
        bail!("{what_for} is missing. On Debian or Ubuntu: sudo apt-get install {names}");
    }
    sh::say(format!("{what_for} is missing: installing {names}"));
    let apt = || {
        let mut apt = sh::command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
        apt
    };
    sh::run(apt().arg("update"))?;
    sh::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// The npm packages of `end2end/`: Playwright and axe for the browser tests, binaryen for `wasm-opt`. One lock file
/// with checksums pins them all. Installed again only when the lock file has changed.
pub fn npm_packages() -> Result<()> {
    let folder = place::end2end();
    let lock = fs::read(folder.join("package-lock.json")).context("cannot read end2end/package-lock.json")?;
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|was| was == lock) {
        return Ok(());
    }
    if sh::find("npm").is_none() {
        bail!("npm is missing: install Node.js 20 or later");
    }
    sh::say("Installing the npm packages of end2end/");
    sh::run(sh::command("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(installed, lock).context("cannot note which npm packages are installed")
}

/// `wasm-opt`, which makes the browser side smaller by up to a half. `None`, with a word about why, where it cannot be had.
pub fn wasm_opt() -> Option<PathBuf> {
    match npm_packages() {
        Ok(()) => Some(place::end2end().join("node_modules/.bin/wasm-opt")),
        Err(_) if sh::interrupted() => None,
        Err(why) => {
            sh::say(format!("Going on without wasm-opt, so the WASM will be larger: {why:#}"));
            None
        }
    }
}

/// The browser of the tests: `CHROMIUM_PATH`, or what the PATH has, or what Debian has.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM_PATH") {
        return Ok(path.into());
    }
    let find = || ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(sh::find);
    if let Some(path) = find() {
        return Ok(path);
    }
    install(&["chromium"], "Chromium, the browser of the tests,")?;
    find().context("Chromium was installed but is not in the PATH: set CHROMIUM_PATH")
}

/// The folder with PostgreSQL's own programs. Debian keeps them out of the PATH.
pub fn postgres() -> Result<PathBuf> {
    if let Some(folder) = find_postgres() {
        return Ok(folder);
    }
    install(&["postgresql"], "PostgreSQL, which the tests start for themselves,")?;
    find_postgres()
        .context("PostgreSQL was installed but initdb and pg_ctl are not to be found: put them in the PATH")
}

fn find_postgres() -> Option<PathBuf> {
    let in_path = sh::find("pg_ctl").filter(|_| sh::find("initdb").is_some());
    if let Some(folder) = in_path.as_deref().and_then(std::path::Path::parent) {
        return Some(folder.to_owned());
    }
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.retain(|bin| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file());
    versions.sort();
    versions.pop()
}

/// The same program as another user: PostgreSQL refuses to be run by root.
pub fn as_user(user: Option<&str>, program: PathBuf) -> Command {
    let Some(user) = user else { return sh::command(program) };
    let mut command = sh::command("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}

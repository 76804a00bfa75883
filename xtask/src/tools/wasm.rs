//! A Rust toolchain that can compile for the browser.
//!
//! `rustup target add` is two seconds where it can download. Where it cannot, Debian has the sources of its compiler's
//! standard library, and building that once takes a minute.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::sh;

const TARGET: &str = "wasm32-unknown-unknown";
/// The name under which rustup is told of Debian's compiler.
const DEBIAN: &str = "debian";
const DEBIAN_PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that builds everything else.
    Default,
    /// Debian's, for the browser side only.
    Debian,
}

impl Toolchain {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Default => None,
            Self::Debian => Some(DEBIAN),
        }
    }

    /// `cargo <subcommand>` on the browser side of the app.
    pub fn cargo(self, subcommand: &str) -> Command {
        let mut cargo = sh::cargo(self.name());
        cargo.args([subcommand, "--package", "app", "--lib", "--target", TARGET]);
        cargo.args(["--no-default-features", "--features", "hydrate"]);
        cargo
    }

    /// What looks for mistakes; Debian's compiler comes without clippy.
    pub fn lint_subcommand(self) -> &'static str {
        match self {
            Self::Default => "clippy",
            Self::Debian => "check",
        }
    }

    /// Whether the standard library for the browser is there.
    fn is_ready(self) -> bool {
        let has_core = |folder: &Path| {
            let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
            names.into_iter().any(|name| name.to_string_lossy().starts_with("libcore-"))
        };
        self.library_folder().is_ok_and(|folder| has_core(&folder))
    }

    fn library_folder(self) -> Result<PathBuf> {
        let mut rustc = sh::command("rustc");
        rustc.args(self.name().map(|name| format!("+{name}")));
        sh::ask(rustc.args(["--print", "target-libdir", "--target", TARGET])).map(PathBuf::from)
    }
}

/// Finds a toolchain that compiles for the browser, or makes one.
pub fn toolchain() -> Result<Toolchain> {
    if let Some(ready) = [Toolchain::Default, Toolchain::Debian].into_iter().find(|it| it.is_ready()) {
        return Ok(ready);
    }
    sh::say("Adding the browser as a target of the Rust compiler");
    match sh::run(sh::command("rustup").args(["target", "add", TARGET])) {
        Ok(()) if Toolchain::Default.is_ready() => return Ok(Toolchain::Default),
        Ok(()) => {}
        Err(why) if sh::interrupted() => return Err(why),
        Err(why) => sh::say(format!("That did not work ({why:#}): trying Debian's compiler")),
    }
    from_debian().with_context(|| {
        format!(
            "the Rust compiler cannot build for the browser yet. With a network: rustup target add {TARGET}. \
             Without rustup: your distribution's package with the standard library for {TARGET}"
        )
    })?;
    Ok(Toolchain::Debian)
}

fn from_debian() -> Result<()> {
    if sh::find("rustup").is_none() {
        bail!("rustup is missing, and so is another way to have two compilers");
    }
    super::install(&DEBIAN_PACKAGES, "A compiler for the browser")?;
    sh::run(sh::command("rustup").args(["toolchain", "link", DEBIAN, "/usr"]))?;
    let libraries = Toolchain::Debian.library_folder()?;

    sh::say("Building the standard library for the browser, once");
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let manifest =
        "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\n[workspace]\n";
    fs::write(scratch.path().join("Cargo.toml"), manifest)?;
    fs::create_dir(scratch.path().join("src"))?;
    fs::write(scratch.path().join("src/lib.rs"), "")?;
    let mut cargo = sh::cargo(Toolchain::Debian.name());
    // Building std is unstable by name only: the flag lets a stable compiler do it.
    cargo.current_dir(scratch.path()).env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", scratch.path());
    sh::run(cargo.args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET]))?;

    fs::create_dir_all(&libraries)?;
    for entry in fs::read_dir(scratch.path().join(TARGET).join("release/deps"))? {
        let entry = entry?;
        if is_std_library(&entry.file_name()) {
            fs::copy(entry.path(), libraries.join(entry.file_name()))?;
        }
    }
    if !Toolchain::Debian.is_ready() {
        bail!("the standard library was built but is not in {}", libraries.display());
    }
    Ok(())
}

fn is_std_library(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("lib") && name.ends_with(".rlib") && !name.starts_with("libscratch-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_belongs_to_std_is_taken() {
        assert!(is_std_library(&"libcore-0123.rlib".into()));
        assert!(!is_std_library(&"libscratch-0123.rlib".into()));
        assert!(!is_std_library(&"libcore-0123.rmeta".into()));
    }
}

//! `cargo xtask build`: the folder one copies to a server.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::place::{self, Profile};
use crate::{server, sh, site};

pub fn build() -> Result<()> {
    let site = site::build(Profile::Release)?;
    server::build(Profile::Release)?;

    let dist = place::root().join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).context("cannot empty dist/")?;
    }
    copy_folder(&site.folder, &dist.join("site"))?;
    for program in [place::server(Profile::Release), place::stand_in(Profile::Release)] {
        let to = dist.join(program.file_name().unwrap_or_default());
        fs::copy(&program, to).with_context(|| format!("cannot copy {}", program.display()))?;
    }
    sh::say("dist/ is ready: dist/countersign serve --site-dir dist/site");
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
    }
    Ok(())
}

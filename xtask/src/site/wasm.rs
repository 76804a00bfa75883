//! Compile, bind, shrink.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::hash;
use crate::place::{self, Profile};
use crate::sh;
use crate::tools::Toolchain;

/// What rustc emits beyond the first WebAssembly, which wasm-opt has to be told.
const FEATURES: [&str; 5] = [
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
];

pub fn compile(toolchain: Toolchain, profile: Profile) -> Result<PathBuf> {
    let (name, folder) = profile.wasm();
    sh::run(toolchain.cargo("build").args(["--profile", name]))?;
    Ok(place::target().join("wasm32-unknown-unknown").join(folder).join("app.wasm"))
}

/// Writes the WebAssembly and its JavaScript glue into a folder and returns that folder. The work is done again only
/// when cargo has made something new, or when `wasm-opt` came or went.
pub fn bind(compiled: &Path, wasm_opt: Option<&Path>, profile: Profile) -> Result<PathBuf> {
    let folder = place::target().join("glue").join(profile.wasm().1);
    let bytes = fs::read(compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
    let stamp = format!("{} optimised={}\n", hash(&bytes), wasm_opt.is_some());
    let stamp_file = folder.join("stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|was| was == stamp) {
        return Ok(folder);
    }

    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    sh::say("Writing the JavaScript that loads it");
    Bindgen::new()
        .input_bytes("app", bytes)
        .out_name("app")
        .web(true)?
        .typescript(false)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(profile == Profile::Release)
        .generate(&folder)
        .context("wasm-bindgen failed")?;
    if let Some(wasm_opt) = wasm_opt {
        let wasm = folder.join("app_bg.wasm");
        sh::run(sh::command(wasm_opt).arg("-Oz").args(FEATURES).arg(&wasm).arg("-o").arg(&wasm))?;
    }
    fs::write(stamp_file, stamp)?;
    Ok(folder)
}

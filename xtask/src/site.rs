//! The browser side: from `app/`, `style/` and `public/` to the folder the server serves.
//!
//! Cargo decides what to compile again; everything after it is skipped while what goes in stays the same. Names carry a
//! hash of the content, so browsers may keep the files for ever, and the manifest says which name is meant today.

mod assets;
mod css;
mod wasm;

pub use assets::files_below;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::place::{self, Profile};
use crate::{sh, tools};

/// What the browser side may weigh, so that it stays a page with islands.
const RAW_CEILING: u32 = 350_000;
const BROTLI_CEILING: u32 = 120_000;

pub struct Site {
    pub folder: PathBuf,
    manifest: assets::Manifest,
}

pub fn build(profile: Profile) -> Result<Site> {
    let folder = place::site(profile);
    let toolchain = tools::toolchain()?;
    sh::say("Building the browser side");
    let compiled = wasm::compile(toolchain, profile)?;
    let wasm_opt = match profile {
        Profile::Dev => None,
        Profile::Release => tools::wasm_opt(),
    };

    let glue = wasm::bind(&compiled, wasm_opt.as_deref(), profile)?;
    let manifest = assets::write(&glue, &folder, profile)?;
    Ok(Site { folder, manifest })
}

/// How much a browser has to load before islands react.
pub struct Weight {
    pub raw: u32,
    pub brotli: u32,
}

impl Site {
    pub fn weight(&self) -> Result<Weight> {
        let path = self.manifest.get("app.wasm").context("the manifest has no app.wasm")?;
        let file = self.folder.join(path.trim_start_matches('/'));
        let size = |file: &Path| -> Result<u32> {
            let meta = fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
            u32::try_from(meta.len()).context("larger than a browser can load")
        };
        Ok(Weight { raw: size(&file)?, brotli: size(&assets::compressed_name(&file))? })
    }
}

impl Weight {
    pub fn is_within_ceiling(&self) -> bool {
        self.raw <= RAW_CEILING && self.brotli <= BROTLI_CEILING
    }
}

impl std::fmt::Display for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kb = |bytes| f64::from(bytes) / 1000.0;
        write!(
            f,
            "WASM {:.1} kB of {} kB, brotli {:.1} kB of {} kB",
            kb(self.raw),
            RAW_CEILING / 1000,
            kb(self.brotli),
            BROTLI_CEILING / 1000
        )
    }
}

/// Twelve hexadecimal digits of SHA-256: enough that two versions of a file never meet, short enough to read.
fn hash(content: &[u8]) -> String {
    format!("{:.12x}", Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_short_and_follows_the_content() {
        assert_eq!(hash(b""), "e3b0c44298fc");
        assert_ne!(hash(b"a"), hash(b"b"));
    }

    #[test]
    fn each_of_the_two_ceilings_counts() {
        let fits = |raw, brotli| Weight { raw, brotli }.is_within_ceiling();
        assert!(fits(RAW_CEILING, BROTLI_CEILING));
        assert!(!fits(RAW_CEILING + 1, 1));
        assert!(!fits(1, BROTLI_CEILING + 1));
    }
}

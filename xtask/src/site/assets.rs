//! The site folder: hashed names, the manifest, and a brotli sibling of everything that shrinks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;

use super::{css, hash};
use crate::place::{self, Profile};
use crate::sh;

/// From the name a page uses to the address it has today.
pub type Manifest = BTreeMap<String, String>;

const COMPRESSED: [&str; 7] = ["js", "wasm", "css", "svg", "json", "html", "txt"];

pub fn write(glue: &Path, folder: &Path, profile: Profile) -> Result<Manifest> {
    let mut site = Builder { folder, profile, manifest: Manifest::new(), written: BTreeSet::new() };
    let mut plain = Manifest::new();
    let public = place::root().join("public");
    for file in files_below(&public)? {
        let name = relative(&file, &public);
        let content = read(&file)?;
        if is_hashed(&name) {
            site.add_hashed(&name, &name, &content)?;
        } else {
            site.add(&name, &content)?;
            plain.insert(name.clone(), format!("/{name}"));
        }
    }

    let style = place::root().join("style");
    let styles = css::bundle(&style, &files_below(&style)?)?;
    let addresses =
        site.manifest.iter().chain(&plain).map(|(name, path)| (name.clone(), path.clone())).collect();
    let styles = css::rewrite(&styles, &addresses)?;
    site.add_hashed("countersign.css", "pkg/countersign.css", styles.as_bytes())?;

    // One hash for both: the page names the script, and expects `_bg.wasm` of the same name beside it.
    let (script, wasm) = (read(&glue.join("app.js"))?, read(&glue.join("app_bg.wasm"))?);
    let both = hash(&[&script[..], &wasm].concat());
    site.add_as("app.js", &format!("pkg/app.{both}.js"), &script)?;
    site.add_as("app.wasm", &format!("pkg/app.{both}_bg.wasm"), &wasm)?;
    for file in files_below(&glue.join("snippets"))? {
        site.add(&format!("pkg/{}", relative(&file, glue)), &read(&file)?)?;
    }

    let manifest = serde_json::to_string_pretty(&site.manifest)? + "\n";
    site.add("manifest.json", manifest.as_bytes())?;
    site.remove_old()?;
    Ok(site.manifest)
}

/// Fonts and icons are large and rarely change: browsers keep them for ever under a name of their content. The other
/// public files have addresses that the world knows (robots.txt, favicon).
fn is_hashed(name: &str) -> bool {
    name.starts_with("fonts/") || name == "icons.svg"
}

struct Builder<'a> {
    folder: &'a Path,
    profile: Profile,
    manifest: Manifest,
    written: BTreeSet<PathBuf>,
}

impl Builder<'_> {
    /// Adds a file under a name with its hash, and enters it as `name`.
    fn add_hashed(&mut self, name: &str, path: &str, content: &[u8]) -> Result<()> {
        self.add_as(name, &hashed_name(path, &hash(content)), content)
    }

    /// Adds a file and enters it as `name`.
    fn add_as(&mut self, name: &str, path: &str, content: &[u8]) -> Result<()> {
        self.add(path, content)?;
        self.manifest.insert(name.to_owned(), format!("/{path}"));
        Ok(())
    }

    /// Writes what is not there yet; compressing is the slow part. The compressed sibling is written first, so that
    /// a file that is there has a whole one.
    fn add(&mut self, path: &str, content: &[u8]) -> Result<()> {
        let file = self.folder.join(path);
        let is_current = fs::read(&file).is_ok_and(|was| was == content);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        if self.profile == Profile::Release && shrinks(&file) {
            let compressed = compressed_name(&file);
            if !is_current || !compressed.exists() {
                save(&compressed, &brotli(content)?)?;
            }
            self.written.insert(compressed);
        }
        if !is_current {
            save(&file, content)?;
        }
        self.written.insert(file);
        Ok(())
    }

    fn remove_old(&self) -> Result<()> {
        for file in files_below(self.folder)?.iter().filter(|file| !self.written.contains(*file)) {
            fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        sh::say(format!("The site is in {}", self.folder.display()));
        Ok(())
    }
}

fn shrinks(file: &Path) -> bool {
    file.extension().is_some_and(|ending| COMPRESSED.iter().any(|known| ending == *known))
}

/// The name of the pre-compressed sibling.
pub fn compressed_name(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

/// `pkg/app.js` → `pkg/app.1a2b3c.js`
fn hashed_name(path: &str, hash: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => format!("{stem}.{hash}.{extension}"),
        _ => format!("{path}.{hash}"),
    }
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams { quality: 11, size_hint: content.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters).context("brotli failed")?;
    Ok(compressed)
}

/// All files below a folder, sorted; none where there is no such folder. Hidden files do not count.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            match path.is_dir() {
                true => folders.push(path),
                false if is_hidden => {}
                false => files.push(path),
            }
        }
    }
    files.sort();
    Ok(files)
}

fn relative(file: &Path, folder: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned()
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn save(file: &Path, content: &[u8]) -> Result<()> {
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_stands_before_the_ending() {
        assert_eq!(hashed_name("pkg/app.js", "1a2b"), "pkg/app.1a2b.js");
        assert_eq!(hashed_name("fonts/inter.var.woff2", "1a2b"), "fonts/inter.var.1a2b.woff2");
        assert_eq!(hashed_name("v1.0/licence", "1a2b"), "v1.0/licence.1a2b");
    }

    #[test]
    fn fonts_and_icons_are_hashed_and_known_addresses_are_not() {
        assert!(is_hashed("fonts/inter.woff2"));
        assert!(is_hashed("icons.svg"));
        assert!(!is_hashed("favicon.svg"));
        assert!(!is_hashed("robots.txt"));
    }

    #[test]
    fn files_that_are_no_longer_part_of_the_site_go() {
        let folder = tempfile::tempdir().unwrap();
        let build = |content: &[u8]| {
            let mut site = Builder {
                folder: folder.path(),
                profile: Profile::Release,
                manifest: Manifest::new(),
                written: BTreeSet::new(),
            };
            site.add_hashed("app.js", "pkg/app.js", content).unwrap();
            site.remove_old().unwrap();
            site.manifest["app.js"].trim_start_matches('/').to_owned()
        };
        let old = build(b"let a = 1");
        let new = build(b"let a = 2");
        let expected = [folder.path().join(&new), compressed_name(&folder.path().join(&new))];
        assert_ne!(old, new);
        assert_eq!(files_below(folder.path()).unwrap(), expected);
    }
}

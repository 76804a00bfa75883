//! One stylesheet out of many: `style/index.css` with the order of the layers first, then the others by path, and
//! addresses of our own files replaced by the hashed ones. Not minified: brotli takes what a minifier would.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

pub fn bundle(style: &Path, files: &[std::path::PathBuf]) -> Result<String> {
    let mut files: Vec<_> =
        files.iter().filter(|file| file.extension().is_some_and(|it| it == "css")).collect();
    let index = style.join("index.css");
    files.sort_by_key(|file| (**file != index, (*file).clone()));
    let mut bundle = String::new();
    for file in files {
        let css = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        bundle.push_str(css.trim_end());
        bundle.push('\n');
    }
    Ok(bundle)
}

/// Replaces each `url("/NAME")` by the address that `addresses` has for NAME. An address of ours that leads nowhere is
/// an error now rather than a missing font later.
pub fn rewrite(css: &str, addresses: &BTreeMap<String, String>) -> Result<String> {
    let mut rewritten = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("url(") {
        let (before, from) = rest.split_at(start + "url(".len());
        rewritten.push_str(before);
        let Some(end) = from.find(')') else { bail!("a url( in the styles is never closed") };
        let (inside, after) = from.split_at(end);
        rewritten.push_str(&address(inside, addresses)?);
        rest = after;
    }
    rewritten.push_str(rest);
    Ok(rewritten)
}

fn address(inside: &str, addresses: &BTreeMap<String, String>) -> Result<String> {
    let plain = inside.trim().trim_matches(['"', '\'']);
    let Some(ours) = plain.strip_prefix('/') else { return Ok(inside.to_owned()) };
    let (name, fragment) = ours.find('#').map_or((ours, ""), |at| ours.split_at(at));
    let Some(address) = addresses.get(name) else {
        bail!("the styles refer to /{name}, which is not in public/")
    };
    Ok(format!("\"{address}{fragment}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(css: &str) -> Result<String> {
        let addresses = [
            ("fonts/inter.woff2".to_owned(), "/fonts/inter.12ab.woff2".to_owned()),
            ("icons.svg".to_owned(), "/icons.34cd.svg".to_owned()),
        ];
        rewrite(css, &addresses.into())
    }

    #[test]
    fn addresses_of_ours_get_their_hashed_name() {
        let css = "a{src:url(\"/fonts/inter.woff2\") format(\"woff2\")}b{mask:url('/icons.svg#check')}c{d:url(/icons.svg)}";
        let expected = "a{src:url(\"/fonts/inter.12ab.woff2\") format(\"woff2\")}\
                        b{mask:url(\"/icons.34cd.svg#check\")}c{d:url(\"/icons.34cd.svg\")}";
        assert_eq!(rewritten(css).unwrap(), expected);
    }

    #[test]
    fn other_addresses_stay() {
        let css = "a{b:url(data:image/png;base64,xyz)}c{d:url(\"#filter\")}";
        assert_eq!(rewritten(css).unwrap(), css);
    }

    #[test]
    fn a_missing_file_is_an_error_that_names_it() {
        let error = rewritten("a{b:url(/fonts/gone.woff2)}").unwrap_err();
        assert!(error.to_string().contains("/fonts/gone.woff2"));
    }

    #[test]
    fn the_layer_list_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let files =
            ["base.css", "index.css", "pages/home.css", "notes.md"].map(|name| folder.path().join(name));
        fs::create_dir(folder.path().join("pages")).unwrap();
        for file in &files {
            fs::write(file, format!("/* {} */\n\n", file.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        let bundle = bundle(folder.path(), &files).unwrap();
        assert_eq!(bundle, "/* index.css */\n/* base.css */\n/* home.css */\n");
    }
}

//! The files of the browser's side: built by `cargo xtask`, served as they are, compressed beforehand. Names that
//! hold a hash never change what they mean, so browsers keep them for ever.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::ui::Assets;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::services::{ServeDir, ServeFile};

#[derive(Clone, Debug)]
pub struct Site {
    folder: PathBuf,
    assets: Assets,
}

impl Site {
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let manifest = folder.join("manifest.json");
        let text = std::fs::read_to_string(&manifest).with_context(|| {
            format!(
                "The site is not at {}. Build it with `cargo xtask build`, or say where it is with --site-dir.",
                folder.display()
            )
        })?;
        let names: HashMap<String, String> = serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged. Build the site again.", manifest.display()))?;
        Ok(Self { folder: folder.to_owned(), assets: Assets::new(names) })
    }

    pub fn assets(&self) -> Assets {
        self.assets.clone()
    }

    /// A route for every file and folder at the top, so that no other request touches the disk.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let mut router = Router::new();
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            let hidden = name.starts_with('.') || name == "manifest.json";
            if path.is_dir() {
                router = router.nest_service(&format!("/{name}"), ServeDir::new(&path).precompressed_br());
            } else if !hidden && path.extension().is_none_or(|ending| ending != "br") {
                router = router.route_service(&format!("/{name}"), ServeFile::new(&path).precompressed_br());
            }
        }
        router.layer(middleware::from_fn(keep))
    }
}

async fn keep(request: Request, next: Next) -> Response {
    let hashed = has_hash(request.uri().path());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    }
    if response.status() == StatusCode::OK || response.status() == StatusCode::NOT_MODIFIED {
        let how_long = if hashed { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(how_long));
    }
    response
}

/// `app.0123456789abcdef.js`: one of the middle parts of the name is a hash.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut parts = name.split(['.', '_']).skip(1);
    parts.any(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(has_hash("/pkg/app.0123456789abcdef.js"));
        assert!(has_hash("/pkg/app.0123456789abcdef_bg.wasm"));
        assert!(!has_hash("/favicon.svg"));
        assert!(!has_hash("/pkg/app.js"));
    }
}

//! Where things are: the one module that knows the layout of the repository and of the target folder.

use std::env;
use std::path::{Path, PathBuf};

/// Which way to build. What is tried is what is shipped, so release is what most commands take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// The flags that make cargo build the server this way.
    pub fn server_flags(self) -> &'static [&'static str] {
        match self {
            Self::Dev => &[],
            Self::Release => &["--release"],
        }
    }

    /// The cargo profile of the browser side, and the folder cargo puts it in.
    pub fn wasm(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Release => ("wasm-release", "wasm-release"),
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// The root of the repository. `cargo run` says where xtask is, which stays true when the checkout is moved.
pub fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

pub fn target() -> PathBuf {
    let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(folder)
}

/// The folder the server serves: scripts, styles, pictures and their manifest.
pub fn site(profile: Profile) -> PathBuf {
    target().join(match profile {
        Profile::Dev => "site-dev",
        Profile::Release => "site",
    })
}

/// The program.
pub fn server(profile: Profile) -> PathBuf {
    target().join(profile.folder()).join("countersign")
}

/// The stand-in for a model, which the demo asks.
pub fn stand_in(profile: Profile) -> PathBuf {
    target().join(profile.folder()).join("countersign-model-stand-in")
}

/// Where npm packages live. One lock file serves the browser tests and `wasm-opt`.
pub fn end2end() -> PathBuf {
    root().join("end2end")
}

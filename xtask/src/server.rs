//! The server side: one cargo build.

use anyhow::Result;

use crate::place::Profile;
use crate::sh;

/// Builds `countersign` and the stand-in for a model beside it; where they then are, `place` knows.
pub fn build(profile: Profile) -> Result<()> {
    sh::say("Building the server");
    let mut cargo = sh::cargo(None);
    sh::run(
        cargo
            .args(["build", "--package", "server", "--package", "stand-in", "--bins"])
            .args(profile.server_flags()),
    )
}

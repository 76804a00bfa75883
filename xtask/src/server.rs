//! The server side: one cargo build.

use anyhow::Result;

use crate::place::Profile;
use crate::sh;

/// Builds `countersign`; where it then is, `place::server` knows.
pub fn build(profile: Profile) -> Result<()> {
    sh::say("Building the server");
    let mut cargo = sh::cargo(None);
    sh::run(cargo.args(["build", "--package", "server", "--bin", "countersign"]).args(profile.server_flags()))
}

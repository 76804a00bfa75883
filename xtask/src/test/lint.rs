//! What can be said about the code without running it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::count::Count;
use crate::{place, sh, tools};

pub fn run(count: &mut Count) {
    let strict = ["--", "--deny", "warnings"];
    count.step("formatting (cargo fmt --all mends it)", || {
        passed(sh::run(sh::cargo(None).args(["fmt", "--all", "--check"])))
    });
    count.step("both databases have the same migrations", || {
        passed(same_migrations(&place::root().join("migrations")))
    });
    count.step("clippy on the server side", || {
        let mut clippy = sh::cargo(None);
        clippy.args(["clippy", "--workspace", "--all-targets", "--features", "app/ssr"]).args(strict);
        passed(sh::run(&mut clippy))
    });
    count.step("clippy on the browser side", || {
        let toolchain = tools::toolchain()?;
        let mut clippy = toolchain.cargo(toolchain.lint_subcommand());
        if toolchain.lint_subcommand() == "clippy" {
            clippy.args(strict);
        } else {
            sh::say("This compiler has no clippy for the browser: checking only");
        }
        passed(sh::run(&mut clippy))
    });
}

fn passed(result: Result<()>) -> Result<Count> {
    result.map(|()| Count::PASSED)
}

/// A migration that only one database has is a release that breaks the other.
fn same_migrations(folder: &Path) -> Result<()> {
    let (sqlite, postgres) = (names(&folder.join("sqlite"))?, names(&folder.join("postgres"))?);
    let alone: Vec<_> = sqlite.symmetric_difference(&postgres).cloned().collect();
    if !alone.is_empty() {
        bail!("only one of migrations/sqlite and migrations/postgres has {}", alone.join(", "));
    }
    Ok(())
}

fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "sql")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_without_its_sibling_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["sqlite/0001_people.sql", "postgres/0001_people.sql", "postgres/0002_projects.sql"] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let error = same_migrations(folder.path()).unwrap_err().to_string();
        assert!(error.contains("0002_projects.sql") && !error.contains("0001"), "{error}");
        fs::write(folder.path().join("sqlite/0002_projects.sql"), "").unwrap();
        same_migrations(folder.path()).unwrap();
    }
}

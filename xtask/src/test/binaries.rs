//! Cargo's test programs: built together, run one by one.
//!
//! `cargo test -p engine` after `cargo test -p domain` chooses other features for what both depend on and compiles it
//! again. So one cargo builds the tests of all the parts asked for, tells where it put them, and each part runs its own.
//! xtask's tests are built apart from the product's, with just the dependencies that are there since xtask itself runs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Result, bail};
use serde_json::Value;

use super::count::Count;
use crate::sh;

pub struct Tests {
    programs: Vec<Program>,
    /// False where some did not compile. Those that did are still run.
    complete: bool,
}

#[derive(PartialEq, Eq, Debug)]
struct Program {
    package: PathBuf,
    executable: PathBuf,
}

pub fn build(packages: &[&str]) -> Result<Tests> {
    let mut cargo = cargo_test(packages);
    cargo.args(["--no-run", "--no-fail-fast", "--message-format=json-render-diagnostics"]);
    let mut programs = Vec::new();
    let status = sh::lines(&mut cargo, |line| programs.extend(program(line)))?;
    Ok(Tests { programs, complete: status.success() })
}

/// The examples in doc comments, which cargo can only build and run in one go.
pub fn documentation(packages: &[&str]) -> Result<Count> {
    counted(cargo_test(packages).arg("--doc"))
}

fn cargo_test(packages: &[&str]) -> Command {
    let mut cargo = sh::cargo(None);
    cargo.arg("test").args(packages.iter().flat_map(|package| ["--package", package]));
    if packages == ["domain"] {
        cargo.arg("--all-features"); // where the engine is among them, it asks for them all
    }
    cargo
}

impl Tests {
    pub fn run(&self, packages: &[&str], environment: &[(&str, &str)]) -> Result<Count> {
        let mut count = Count::default();
        for package in packages {
            let folder = crate::place::root().join(package);
            for program in self.programs.iter().filter(|program| program.package == folder) {
                let mut command = sh::command(&program.executable);
                // As cargo does it: tests find their files from the folder of their package.
                command.current_dir(&folder).env("CARGO_MANIFEST_DIR", &folder);
                count += counted(command.envs(environment.iter().copied()))?;
            }
        }
        if !self.complete {
            eprintln!("FAILED: some tests do not compile");
            count += Count::FAILED;
        }
        Ok(count)
    }
}

/// Where cargo put a test program, if that is what this line of its JSON says.
fn program(line: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_test = message["reason"] == "compiler-artifact" && message["profile"]["test"] == true;
    let executable = message["executable"].as_str().filter(|_| is_test)?;
    let package = Path::new(message["manifest_path"].as_str()?).parent()?;
    Some(Program { package: package.to_owned(), executable: executable.into() })
}

/// Runs tests, lets everything through and adds up what they report.
fn counted(command: &mut Command) -> Result<Count> {
    let mut count = Count::default();
    let mut reported = false;
    let status = sh::lines(command, |line| {
        println!("{line}");
        if let Some(result) = Count::from_cargo(line) {
            count += result;
            reported = true;
        }
    })?;
    judge(count, reported, status)
}

/// A program that ends badly without a failed test has crashed; one that ends well without a word is a test by itself.
fn judge(mut count: Count, reported: bool, status: ExitStatus) -> Result<Count> {
    if !status.success() && count.failed == 0 {
        if count.is_empty() {
            bail!("it ended with {status}");
        }
        eprintln!("FAILED: no test failed, but the program ended with {status}");
        count += Count::FAILED;
    }
    if status.success() && !reported {
        count += Count::PASSED;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn test_programs_are_found_in_cargo_s_messages() {
        let message = |reason: &str, test: bool, executable: &str| {
            format!(
                r#"{{"reason":"{reason}","manifest_path":"/src/engine/Cargo.toml",
                     "profile":{{"test":{test}}},"executable":{executable}}}"#
            )
        };
        let found = Program { package: "/src/engine".into(), executable: "/t/engine-1".into() };
        assert_eq!(program(&message("compiler-artifact", true, "\"/t/engine-1\"")), Some(found));
        assert_eq!(program(&message("compiler-artifact", false, "\"/t/countersign\"")), None);
        assert_eq!(program(&message("compiler-artifact", true, "null")), None);
        assert_eq!(program(&message("build-finished", true, "\"/t/x\"")), None);
        assert_eq!(program("warning: something else"), None);
    }

    #[test]
    fn a_crash_counts_as_failed_and_silence_as_passed() {
        let (good, bad) = (ExitStatus::from_raw(0), ExitStatus::from_raw(101 << 8));
        assert_eq!(judge(Count::PASSED, true, good).unwrap(), Count::PASSED);
        assert_eq!(judge(Count::FAILED, true, bad).unwrap(), Count::FAILED);
        assert_eq!(judge(Count::PASSED, true, bad).unwrap().failed, 1);
        assert!(judge(Count::default(), false, bad).is_err());
        assert_eq!(judge(Count::default(), false, good).unwrap(), Count::PASSED);
        assert_eq!(judge(Count::default(), true, good).unwrap(), Count::default());
    }
}

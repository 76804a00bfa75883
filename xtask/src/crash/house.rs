//! The database, as the command line of the product sees it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::place::{self, Profile};
use crate::sh;

pub struct House<'a> {
    pub home: &'a Path,
    pub database: Option<&'a str>,
}

impl House<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = sh::command(place::server(Profile::Release));
        command.args(arguments).arg("--data-dir").arg(self.home.join("data"));
        command.args(self.database.iter().flat_map(|url| ["--database-url", url]));
        command
    }

    pub fn token(&self, email: &str, scopes: &str) -> Result<String> {
        sh::ask(&mut self.command(&["token", "create", email, "--name", "crash", "--scopes", scopes]))
    }

    pub fn made_in_audit_log(&self) -> Result<Vec<String>> {
        let log = sh::ask(&mut self.command(&["audit", "export"]))?;
        let mut codes = Vec::new();
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).context("a line of the audit log is no JSON")?;
            let name = line["thing_name"].as_str().unwrap_or_default();
            if line["action"] == "project.made" && name.starts_with("CRASH-") {
                codes.push(name.to_owned());
            }
        }
        if codes.is_empty() {
            bail!("the audit log tells of no project");
        }
        Ok(codes)
    }

    pub fn chain_holds(&self) -> Result<bool> {
        let output = self.command(&["audit", "verify"]).output().context("cannot verify the audit log")?;
        eprintln!("    {}", String::from_utf8_lossy(&output.stdout).trim());
        Ok(output.status.success())
    }
}

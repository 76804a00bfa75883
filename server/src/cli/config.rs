//! The configuration file. Its values become the defaults of the options they name, so that the environment and the
//! command line win over it, and so that there is one list of options and not two.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Command, CommandFactory};
use toml::{Table, Value};

use super::args::Cli;

/// The command line, with the defaults that the configuration file gives.
pub fn command() -> anyhow::Result<Command> {
    let named =
        named_in(std::env::args_os()).or_else(|| std::env::var_os("COUNTERSIGN_CONFIG").map(PathBuf::from));
    let command = Cli::command();
    match named {
        Some(file) => with_defaults(command, &read(&file)?, &file),
        None => Ok(command),
    }
}

/// The file is looked for before the command line is understood: it decides how to understand it.
fn named_in(args: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    let mut args = args.skip(1);
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if text == "--config" {
            return args.next().map(PathBuf::from);
        }
        if let Some(file) = text.strip_prefix("--config=") {
            return Some(PathBuf::from(file));
        }
    }
    None
}

fn read(file: &Path) -> anyhow::Result<Table> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("The configuration file {} cannot be read", file.display()))?;
    text.parse().with_context(|| format!("The configuration file {} is not TOML", file.display()))
}

fn with_defaults(mut command: Command, table: &Table, file: &Path) -> anyhow::Result<Command> {
    for (key, value) in table {
        let id = key.replace('-', "_");
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(yes) => yes.to_string(),
            _ => bail!("{}: {key} must be a text, a whole number, true or false", file.display()),
        };
        let has = |command: &Command| command.get_arguments().any(|arg| arg.get_id() == id.as_str());
        if has(&command) && id != "config" {
            command = command.mut_arg(id, |arg| arg.default_value(text));
        } else if command.find_subcommand("serve").is_some_and(has) {
            command =
                command.mut_subcommand("serve", |serve| serve.mut_arg(id, |arg| arg.default_value(text)));
        } else {
            bail!("{}: there is no option {key}; see `countersign serve --help`", file.display());
        }
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::*;
    use crate::cli::args::Command as Run;

    fn parsed(toml: &str, args: &[&str]) -> anyhow::Result<Cli> {
        let command = with_defaults(Cli::command(), &toml.parse()?, Path::new("c.toml"))?;
        Ok(Cli::from_arg_matches(&command.try_get_matches_from(args)?)?)
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let toml =
            "listen = \"0.0.0.0:8080\"\nstop-within-s = 5\ndata-dir = \"/srv\"\nrequire-two-step = true";
        let cli = parsed(toml, &["countersign", "serve", "--data-dir", "here"]).unwrap();
        let Run::Serve(serve) = cli.command else { panic!("serve") };
        assert_eq!((serve.listen.port(), serve.stop_within_s), (8080, 5));
        assert_eq!((cli.common.data_dir, cli.common.require_two_step), (PathBuf::from("here"), true));
    }

    #[test]
    fn a_line_that_means_nothing_is_refused() {
        assert!(
            parsed("lisen = \"x\"", &["countersign", "migrate"]).unwrap_err().to_string().contains("lisen")
        );
        assert!(parsed("listen = []", &["countersign", "migrate"]).is_err());
        assert!(parsed("timeout-s = \"soon\"", &["countersign", "serve"]).is_err());
    }

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }
}

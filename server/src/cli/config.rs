//! The configuration file. Its values become the defaults of the options they name, so that the environment and the
//! command line win over it, and so that there is one list of options and not two.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use toml::{Table, Value};

use super::args::{Cli, Command as Run, ServeOptions};

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

/// What `serve` would be started with by the file and the environment, or what it would refuse.
pub fn serve_options() -> anyhow::Result<ServeOptions> {
    let matches = command()?.try_get_matches_from(["countersign", "serve"])?;
    match Cli::from_arg_matches(&matches)?.command {
        Run::Serve(options) => Ok(options),
        _ => bail!("`countersign serve` cannot be understood"),
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

/// The lines of the file belong to every command and to `serve`; those of another command stand in a table of its name.
fn with_defaults(mut command: Command, table: &Table, file: &Path) -> anyhow::Result<Command> {
    for (key, value) in table {
        if let Value::Table(inner) = value {
            command = within(command, key, inner, file)?;
        } else if key != "config" && has(&command, key) {
            command = with_default(command, key, value, file)?;
        } else if command.find_subcommand("serve").is_some_and(|serve| has(serve, key)) {
            command = within(command, "serve", &Table::from_iter([(key.clone(), value.clone())]), file)?;
        } else {
            let at = if command.find_subcommand("serve").is_some() { "serve" } else { command.get_name() };
            bail!("{}: {at} has no option {key}; its --help names those it has", file.display());
        }
    }
    Ok(command)
}

fn within(command: Command, name: &str, table: &Table, file: &Path) -> anyhow::Result<Command> {
    if command.find_subcommand(name).is_none() {
        bail!("{}: there is no command {name}; see `countersign --help`", file.display());
    }
    let mut wrong = None;
    let command = command.mut_subcommand(name, |inner| {
        with_defaults(inner.clone(), table, file).unwrap_or_else(|error| {
            wrong = Some(error);
            inner
        })
    });
    wrong.map_or(Ok(command), Err)
}

fn has(command: &Command, key: &str) -> bool {
    command.get_opts().any(|option| option.get_long() == Some(key))
}

fn with_default(command: Command, key: &str, value: &Value, file: &Path) -> anyhow::Result<Command> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    };
    let texts = match value {
        Value::Array(values) => values.iter().map(text).collect(),
        one => text(one).map(|one| vec![one]),
    };
    let several = |option: &Arg| option.get_value_delimiter().is_some();
    let option = command.get_opts().find(|option| option.get_long() == Some(key));
    let Some((option, texts)) =
        option.zip(texts).filter(|(option, texts)| texts.len() == 1 || several(option))
    else {
        bail!("{}: {key} must be a text, a whole number, true or false", file.display());
    };
    let id = option.get_id().clone();
    Ok(command.mut_arg(id, |option| option.required(false).default_values(texts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{PersonCommand, TokenCommand};

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
        assert_eq!((serve.listen.port(), serve.work.stop_within_s), (8080, 5));
        assert_eq!((cli.common.data_dir, cli.common.require_two_step), (PathBuf::from("here"), true));
    }

    #[test]
    fn every_command_has_a_place_in_the_file() {
        let toml = "[token.create]\nname = \"ci\"\nscopes = [\"people:read\", \"projects:read\"]\ndays = 7\n\
                    [person.add]\nroles = \"reviewer,manager\"\n[workflow.test]\njson = true";
        let cli =
            parsed(toml, &["countersign", "token", "create", "a@example.com", "--name", "mine"]).unwrap();
        let Run::Token(TokenCommand::Create { name, scopes, days, .. }) = cli.command else {
            panic!("token")
        };
        assert_eq!((name.as_str(), days), ("mine", 7));
        assert_eq!(scopes, ["people:read", "projects:read"]);
        let cli = parsed(toml, &["countersign", "person", "add", "a@example.com", "--name", "A"]).unwrap();
        let Run::Person(PersonCommand::Add(who)) = cli.command else { panic!("person") };
        assert_eq!(who.roles, ["reviewer", "manager"]);
        for wrong in ["[tokens]\nx = 1", "[token]\ndays = 1", "[token.create]\nday = 1"] {
            assert!(parsed(wrong, &["countersign", "migrate"]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_option_is_an_environment_variable() {
        fn without(command: &Command) -> Vec<String> {
            let own = command.get_opts().filter(|option| option.get_env().is_none());
            let own = own.map(|option| format!("{} {}", command.get_name(), option.get_id()));
            own.chain(command.get_subcommands().flat_map(without)).collect()
        }
        assert_eq!(without(&Cli::command()), Vec::<String>::new());
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

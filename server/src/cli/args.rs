//! What can be said on the command line. Every option is also an environment variable and a line of the file that
//! `--config` names.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::people::Scope;

use crate::telemetry::LogFormat;

/// The operations desk for teams whose work passes between machines and people.
///
/// Start with `countersign serve --demo`, open the address it prints, and sign in as one of the people it names.
/// Without --demo it prints a one-time link to set up the first admin.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Common {
    /// A TOML file with options: one line each, named as here, like `listen = "0.0.0.0:8080"`. Options of another
    /// command than `serve` stand below its name, like `[token.create]`.
    #[arg(long, global = true, env = "COUNTERSIGN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The folder for what is kept: the embedded database and the key.
    #[arg(long, global = true, env = "COUNTERSIGN_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// The database: sqlite://FILE or postgres://USER@HOST/NAME. Without it, an SQLite file in the data folder.
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// The key that seals two-step secrets: 64 hexadecimal digits. Without it, one is made and
    /// kept in the data folder. Servers that share a database need the same key.
    #[arg(long, global = true, env = "COUNTERSIGN_KEY", value_name = "HEX", hide_env_values = true)]
    pub key: Option<String>,

    /// How many connections to the database to use at once.
    #[arg(long, global = true, env = "COUNTERSIGN_CONNECTIONS", value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(2..=500))]
    pub connections: u32,

    /// Where people reach the server, if it is not the address it listens on: links begin with it.
    #[arg(long, global = true, env = "COUNTERSIGN_BASE_URL", value_name = "URL")]
    pub base_url: Option<String>,

    /// The mail server that sends invitations and resets, like smtps://user:password@mail.example.com. Without it,
    /// links are shown to be copied.
    #[arg(long, global = true, env = "COUNTERSIGN_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// The address mails come from, like "Countersign <desk@example.com>".
    #[arg(long, global = true, env = "COUNTERSIGN_SMTP_FROM", value_name = "ADDRESS")]
    pub smtp_from: Option<String>,

    /// How many hours a change of where somebody is paid to is held, so that they hear of it before money goes there.
    #[arg(
        long,
        global = true,
        env = "COUNTERSIGN_ACCOUNT_HOLD_HOURS",
        value_name = "HOURS",
        default_value_t = 48,
        value_parser = clap::value_parser!(u16).range(0..=720)
    )]
    pub account_hold_hours: u16,

    /// How many hours an answer may take when somebody says that a line of their pay is wrong. Weekends do not count.
    #[arg(
        long,
        global = true,
        env = "COUNTERSIGN_ANSWER_WITHIN_HOURS",
        value_name = "HOURS",
        default_value_t = 72,
        value_parser = clap::value_parser!(u16).range(1..=720)
    )]
    pub answer_within_hours: u16,

    /// Hosts in a private network that steps of workflows may call all the same, like erp.internal,10.0.0.7; * for all.
    #[arg(
        long,
        global = true,
        env = "COUNTERSIGN_ALLOW_PRIVATE",
        value_name = "HOSTS",
        value_delimiter = ','
    )]
    pub allow_private: Vec<String>,

    /// Where to ask models here, if not where their cards say, like claims-reader=http://127.0.0.1:4010/v1; several with
    /// commas.
    #[arg(
        long,
        global = true,
        env = "COUNTERSIGN_MODEL_URL",
        value_name = "MODEL=URL",
        value_delimiter = ',',
        value_parser = model_url
    )]
    pub model_url: Vec<(String, String)>,

    /// Managers and admins must set up two-step sign-in before anything else.
    #[arg(long, global = true, env = "COUNTERSIGN_REQUIRE_TWO_STEP", value_parser = switch)]
    pub require_two_step: bool,

    /// Logs for people, or as JSON lines for machines.
    #[arg(
        long,
        global = true,
        env = "COUNTERSIGN_LOG_FORMAT",
        value_name = "FORMAT",
        value_enum,
        default_value = "human"
    )]
    pub log_format: LogFormat,

    /// What to log: error, warn, info, debug, or per part, like info,host=debug.
    #[arg(long, global = true, env = "COUNTERSIGN_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server. Migrates the database by itself.
    Serve(ServeOptions),
    /// Only work on runs, beside servers on the same PostgreSQL.
    Work(WorkOptions),
    /// Bring the database to the shape this version knows.
    Migrate,
    /// Load people and projects to try things with. Does nothing if there are people already.
    Demo,
    /// Look after people without a browser.
    #[command(subcommand)]
    Person(PersonCommand),
    /// API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// What was paid, and the proof of it.
    #[command(subcommand)]
    Payment(PaymentCommand),
    /// Workflows, and the models and prompts they name: check, try out, apply.
    #[command(subcommand)]
    Workflow(WorkflowCommand),
    /// Write a consistent copy of the embedded database into a new file, while the server runs.
    Backup {
        /// The file to write. It must not exist.
        file: PathBuf,
    },
    /// Look at the configuration, the database, the disk, the clock and the key, and say what to do about each finding.
    Doctor,
}

#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The address to listen on.
    #[arg(long, env = "COUNTERSIGN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// The folder of the browser's side, as `cargo xtask build` makes it. Without it: `site` beside the program.
    #[arg(long, env = "COUNTERSIGN_SITE_DIR", value_name = "DIR")]
    pub site_dir: Option<PathBuf>,

    /// Load the demo if there is nobody yet. Its workflows ask a stand-in for a model: a program beside this one, which is
    /// started with it.
    #[arg(long, env = "COUNTERSIGN_DEMO", value_parser = switch)]
    pub demo: bool,

    /// Believe the last entry of X-Forwarded-For. Only behind a proxy of your own that writes it.
    #[arg(long, env = "COUNTERSIGN_TRUST_PROXY", value_parser = switch)]
    pub trust_proxy: bool,

    /// The most a request may send, in kilobytes.
    #[arg(long, env = "COUNTERSIGN_BODY_LIMIT_KB", value_name = "KB", default_value_t = 4096,
          value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub body_limit_kb: u32,

    /// The most that files of timesheets may have together, in kilobytes. Other requests have `--body-limit-kb`.
    #[arg(long, env = "COUNTERSIGN_UPLOAD_LIMIT_KB", value_name = "KB", default_value_t = 32_768,
          value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub upload_limit_kb: u32,

    /// How long a request may take, in seconds.
    #[arg(long, env = "COUNTERSIGN_TIMEOUT_S", value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout_s: u64,

    #[command(flatten)]
    pub work: WorkOptions,

    /// Let open pages reload themselves when the server was started again. For development.
    #[arg(long, env = "COUNTERSIGN_RELOAD_PAGES", value_parser = switch)]
    pub reload_pages: bool,
}

#[derive(Clone, Debug, Args)]
pub struct WorkOptions {
    /// How many runs to work on at once; 0 for none.
    #[arg(long, env = "COUNTERSIGN_WORKERS", value_name = "N", default_value_t = 64,
          value_parser = clap::value_parser!(u16).range(..=4096))]
    pub workers: u16,

    /// How long this process may be silent before others take over what it works on, in seconds.
    #[arg(long, env = "COUNTERSIGN_LEASE_S", value_name = "SECONDS", default_value_t = 15,
          value_parser = clap::value_parser!(u64).range(2..=3600))]
    pub lease_s: u64,

    /// How long requests and steps under way may still take after the process is asked to stop, in seconds.
    #[arg(long, env = "COUNTERSIGN_STOP_WITHIN_S", value_name = "SECONDS", default_value_t = 20)]
    pub stop_within_s: u64,
}

#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Add somebody who can sign in at once. The password is read from standard input.
    Add(Who),
    /// Invite somebody, and print the link.
    Invite(Who),
    /// List everybody.
    List,
    /// Shut somebody out at once.
    Disable {
        /// Their email address.
        email: String,
    },
    /// Print a link with which somebody chooses a new password.
    ResetPassword {
        /// Their email address.
        email: String,
    },
    /// Turn two-step sign-in off for somebody who has lost their phone and their recovery codes.
    ResetTwoStep {
        /// Their email address.
        email: String,
    },
}

#[derive(Debug, Args)]
pub struct Who {
    /// The email address they sign in with.
    pub email: String,
    /// What colleagues see, like "Ada Moreno".
    #[arg(long, env = "COUNTERSIGN_PERSON_NAME")]
    pub name: String,
    /// annotator, reviewer, manager, admin; several with commas.
    #[arg(long, env = "COUNTERSIGN_PERSON_ROLES", value_delimiter = ',', required = true)]
    pub roles: Vec<String>,
    /// An IANA time zone, like Europe/Berlin.
    #[arg(long, env = "COUNTERSIGN_PERSON_ZONE", default_value = "UTC")]
    pub zone: String,
}

/// All there are, from the one list of them.
fn scopes() -> String {
    let words = Scope::ALL.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(", ");
    format!("What it may be used for: {words}; several with commas")
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for somebody, and print it. It is shown only this once.
    Create {
        /// Whose rights it carries.
        email: String,
        /// What it is for.
        #[arg(long, env = "COUNTERSIGN_TOKEN_NAME")]
        name: String,
        #[arg(long, env = "COUNTERSIGN_TOKEN_SCOPES", value_delimiter = ',', required = true, help = scopes())]
        scopes: Vec<String>,
        /// How many days it works.
        #[arg(long, env = "COUNTERSIGN_TOKEN_DAYS", default_value_t = 90)]
        days: i64,
    },
    /// List somebody's tokens.
    List {
        /// Their email address.
        email: String,
    },
    /// Make a token worthless.
    Revoke {
        /// The email address of its owner.
        email: String,
        /// Its id, as `token list` shows it.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Follow the chain from its first line to its end; names the first line that does not hold.
    Verify,
    /// Print every line, oldest first.
    Export {
        /// For spreadsheets, or a JSON object in each line with everything the hashes are made of.
        #[arg(long, env = "COUNTERSIGN_AUDIT_FORMAT", value_enum, default_value = "jsonl")]
        format: ExportFormat,
    },
}

#[derive(Debug, Subcommand)]
pub enum PaymentCommand {
    /// Check a bundle of an approved batch: that it is what was approved, that each line is worth what its rate makes of it, that
    /// the payment files pay exactly that, and that nothing is paid twice.
    ///
    /// Needs no database, no server and no network. Ends with status 2 if something does not hold. The bundle is what the page of
    /// an approved batch offers; the export of the audit log is better kept by somebody else.
    Verify {
        /// The bundle, a ZIP file.
        bundle: PathBuf,
        /// What `countersign audit export` has written: the log has to say what the bundle says it says.
        #[arg(long, env = "COUNTERSIGN_AUDIT_LOG", value_name = "FILE")]
        audit_log: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum WorkflowCommand {
    /// Say whether files are right; name line, column and what would be right if not.
    Check {
        /// Workflows, models and prompts: YAML or JSON.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Keep files as the newest versions of what they are about. Says first what is different. A workflow takes the newest
    /// models and prompts it names; those in the same call are applied first.
    Apply {
        /// Workflows, models and prompts: YAML or JSON.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Only say what would happen.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_DRY_RUN", value_parser = switch)]
        dry_run: bool,
    },
    /// List every workflow with its newest version.
    List,
    /// Leave the runs of a workflow at their next checkpoint; new ones are taken in and wait.
    Pause {
        /// The name of the workflow.
        name: String,
        /// What others should know.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_WHY", default_value = "")]
        why: String,
    },
    /// Have a paused workflow go on.
    Resume {
        /// The name of the workflow.
        name: String,
    },
    /// Move the runs of a workflow that have not ended to another version.
    ///
    /// Runs stay on the version they were started on. Those that can go on by the other one are moved and keep what they have
    /// found; the others stay, and it is said why.
    Move {
        /// The name of the workflow.
        name: String,
        /// The version they are to go on by; the newest if nothing is said.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_TO")]
        to: Option<i64>,
        /// Only look what it would come to.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_DRY_RUN", value_parser = switch)]
        dry_run: bool,
    },
    /// Print a definition as it was applied.
    Show {
        /// The name of the workflow.
        name: String,
        /// Another version than the newest.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_VERSION", value_name = "N")]
        version: Option<i64>,
    },
    /// Send one item through a definition, here and kept nowhere, and print its way. Ends with 2 if the run failed.
    Test {
        /// The definition, YAML or JSON.
        file: PathBuf,
        /// The item: a JSON file.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_INPUT", value_name = "FILE")]
        input: PathBuf,
        /// Files of models and prompts it names; the others are looked for in the database. Several with commas.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_WITH", value_name = "FILES", value_delimiter = ',')]
        with: Vec<PathBuf>,
        /// Print the whole trace as JSON.
        #[arg(long, env = "COUNTERSIGN_WORKFLOW_JSON", value_parser = switch)]
        json: bool,
    },
}

/// A model, and the address where it is asked.
fn model_url(text: &str) -> Result<(String, String), String> {
    let (name, url) =
        text.split_once('=').ok_or("write MODEL=URL, like claims-reader=http://127.0.0.1:4010/v1")?;
    let name = domain::model::ModelName::parse(name.trim()).map_err(|wrong| wrong.to_string())?;
    let url = engine::model::url(url).map_err(|wrong| wrong.to_string())?;
    Ok((name.to_string(), url))
}

/// Yes or no, as a variable of the environment or a line of the file says it. Empty is no.
fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "" | "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("say true or false".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    Csv,
    Jsonl,
}

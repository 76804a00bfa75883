//! The command line.

mod args;
mod audit;
mod config;
mod doctor;
mod keep;
mod payment;
mod person;
mod serve;
mod stand_in;
mod token;
mod work;
mod workflow;

use std::process::ExitCode;

use clap::FromArgMatches;
use domain::Fault;
use engine::people::Policy;

use self::args::{Cli, Command, Common};
use crate::{HouseOptions, telemetry};

pub fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("countersign: {error:#}");
            for wrong in &fault_of(&error).map(|fault| fault.fields.clone()).unwrap_or_default() {
                eprintln!("  {}: {}", wrong.field, wrong.message);
            }
            ExitCode::FAILURE
        }
    }
}

/// What a person is told by name: which value is wrong, and why.
fn fault_of(error: &anyhow::Error) -> Option<&Fault> {
    error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(engine::Error::Fault(fault)) => Some(fault),
        _ => cause.downcast_ref(),
    })
}

fn run() -> anyhow::Result<ExitCode> {
    let matches = config::command()?.get_matches();
    let Cli { common, command } = Cli::from_arg_matches(&matches)?;
    telemetry::start(common.log_format, &common.log)?;
    // Rendering on the server can wait for itself on a single thread.
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).max(2);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(options) => Box::pin(serve::run(&common, options)).await,
            Command::Work(options) => work::run(&common, &options).await,
            Command::Migrate => keep::migrate(&common).await,
            Command::Demo => keep::demo(&common).await,
            Command::Backup { file } => keep::backup(&common, &file).await,
            Command::Person(what) => person::run(&common, what).await,
            Command::Token(what) => token::run(&common, what).await,
            Command::Audit(what) => audit::run(&common, what).await,
            Command::Payment(what) => payment::run(&what),
            Command::Workflow(what) => workflow::run(&common, &what).await,
            Command::Doctor => doctor::run(&common).await,
        }
    })
}

impl Common {
    /// What to open; links begin with the address given here, unless one was configured.
    fn house(&self, reached_at: &str) -> HouseOptions {
        let base_url = self.base_url.as_deref().unwrap_or(reached_at).trim_end_matches('/').to_owned();
        HouseOptions {
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            key: self.key.clone(),
            connections: self.connections,
            policy: Policy { base_url, require_two_step: self.require_two_step },
            smtp_url: self.smtp_url.clone(),
            smtp_from: self.smtp_from.clone(),
            account_hold: chrono::TimeDelta::hours(i64::from(self.account_hold_hours)),
            answer_within: chrono::TimeDelta::hours(i64::from(self.answer_within_hours)),
            allow_private: self.allow_private.clone(),
            model_url: self.model_url.clone(),
        }
    }

    /// For commands that run beside a server: they cannot know where it listens, so they assume the usual.
    async fn open(&self) -> anyhow::Result<crate::House> {
        self.house("http://127.0.0.1:3000").open().await
    }

    /// For commands that read the database and need no key.
    async fn open_db(&self) -> anyhow::Result<engine::db::Db> {
        self.house("").open_current_db().await
    }
}

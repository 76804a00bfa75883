//! The model of the demo: a stand-in, a program of its own beside this one, that runs as long as the server does.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::HouseOptions;

const PROGRAM: &str = "countersign-model-stand-in";

/// The model that the workflows of the demo ask.
const MODEL: &str = "desk-reader";

/// The demo is to show what people are there for: now and then it is slow, wrong, or talks nonsense.
const MANNERS: [&str; 3] = ["--delay-ms=120", "--bad-json=0.1", "--drift=0.15"];

const STARTS_WITHIN: Duration = Duration::from_secs(5);

/// A stand-in that runs. It ends when this is dropped, and also when this program is gone without a word.
pub struct StandIn {
    program: Child,
    pub url: String,
}

impl StandIn {
    /// Starts it, if its program lies beside this one and nobody has said where the model of the demo is asked; has the
    /// house ask it.
    pub async fn beside(options: &mut HouseOptions) -> anyhow::Result<Option<Self>> {
        if options.model_url.iter().any(|(model, _)| model == MODEL) {
            return Ok(None);
        }
        let program = program()?;
        if !program.exists() {
            tracing::warn!(
                "the workflows of the demo ask a model, and {PROGRAM} is not beside this program: say where to ask one \
                 with --model-url {MODEL}=URL"
            );
            return Ok(None);
        }
        let started = spawn_blocking(move || Self::start(&program));
        let stand_in =
            timeout(STARTS_WITHIN, started).await.context("The stand-in for a model says nothing")??;
        let stand_in = stand_in?;
        options.model_url.push((MODEL.to_owned(), stand_in.url.clone()));
        options.allow_private.push("127.0.0.1".to_owned());
        Ok(Some(stand_in))
    }

    fn start(program: &PathBuf) -> anyhow::Result<Self> {
        let mut program = Command::new(program)
            .args(["--listen", "127.0.0.1:0", "--until-input-ends"])
            .args(MANNERS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{PROGRAM} cannot be started"))?;
        let mut said = String::new();
        if let Some(output) = program.stdout.take() {
            BufReader::new(output).read_line(&mut said).context("The stand-in for a model is not heard")?;
        }
        let Some(url) = said.split_whitespace().find(|word| word.starts_with("http://")) else {
            bail!("{PROGRAM} has not said where it answers.");
        };
        Ok(Self { url: url.to_owned(), program })
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn program() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("The program does not know where it is")?;
    Ok(this.with_file_name(PROGRAM))
}

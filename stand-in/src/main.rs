//! The stand-in as a program of its own.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use stand_in::{Manners, serve};
use tokio::net::TcpListener;

/// A stand-in for a language model: it understands nothing, and always says the same.
///
/// It speaks the OpenAI-compatible API (POST /v1/chat/completions) and the Anthropic-style one (POST /v1/messages) on this
/// machine, for the demo and for trying workflows out. Every share is a number from 0 to 1.
#[derive(Debug, Parser)]
#[command(name = "countersign-model-stand-in", version, max_term_width = 100)]
struct Arguments {
    /// The address to listen on.
    #[arg(long, env = "STAND_IN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:4010")]
    listen: SocketAddr,
    /// How long it thinks before each answer, in milliseconds.
    #[arg(long, env = "STAND_IN_DELAY_MS", value_name = "MS", default_value_t = 0)]
    delay_ms: u64,
    /// The share of answers that are no JSON.
    #[arg(long, env = "STAND_IN_BAD_JSON", value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    bad_json: f64,
    /// The share of questions it leaves unanswered for a minute.
    #[arg(long, env = "STAND_IN_TIME_OUTS", value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    time_outs: f64,
    /// The share of questions it puts off for a second.
    #[arg(long, env = "STAND_IN_BUSY", value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    busy: f64,
    /// The share of answers that are wrong.
    #[arg(long, env = "STAND_IN_DRIFT", value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    drift: f64,
    /// Which questions it is odd about: another seed, other questions.
    #[arg(long, env = "STAND_IN_SEED", value_name = "N", default_value_t = 0)]
    seed: u64,
    /// End when standard input does: whoever has started it is gone then.
    #[arg(long, env = "STAND_IN_UNTIL_INPUT_ENDS")]
    until_input_ends: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "say a number from 0 to 1".to_owned())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { listen, delay_ms, bad_json, time_outs, busy, drift, seed, until_input_ends } =
        Arguments::parse();
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        anyhow::anyhow!("{listen} cannot be listened on: {error}. Choose another address with --listen.")
    })?;
    println!("A stand-in for a model answers at http://{}/v1", listener.local_addr()?);
    let delay = Duration::from_millis(delay_ms);
    let serving = serve(listener, Manners { delay, bad_json, time_outs, busy, drift, seed });
    if !until_input_ends {
        return Ok(serving.await?);
    }
    let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    tokio::select! {
        served = serving => Ok(served?),
        _ = ended => Ok(()),
    }
}

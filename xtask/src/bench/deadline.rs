//! `cargo xtask bench deadline`: the last minute before the cut-off, in which everybody submits their week.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::load::percentile;
use crate::client::Connection;
use crate::cluster::{Cluster, Commits};
use crate::host::Host;
use crate::place::Profile;
use crate::{server, sh, site};

const PATIENCE: Duration = Duration::from_mins(1);
/// Of everybody's projects, by the order of the people.
const PROJECTS: usize = 20;
const CLIENTS: usize = 64;

#[derive(clap::Args)]
pub struct Options {
    /// Keep the data in a PostgreSQL of our own, with durable commits, rather than in SQLite.
    #[arg(long)]
    postgres: bool,
    /// How many annotators.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u16).range(20..=50_000))]
    people: u16,
    /// Within how many seconds all of them submit.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=3_600))]
    seconds: u16,
}

pub fn run(options: &Options) -> Result<()> {
    site::build(Profile::Release)?;
    server::build(Profile::Release)?;
    let cluster = options.postgres.then(|| Cluster::start(Commits::Durable)).transpose()?;
    let home = tempfile::tempdir_in(crate::place::root().join("target")).context("cannot make a folder")?;
    let database = cluster.as_ref().map(|cluster| cluster.url.as_str());
    sh::say("Starting the server once, to make the database");
    Host::start(home.path(), database)?.server.stop(PATIENCE);
    sh::say(format!("{} annotators join", options.people));
    let said = fill(home.path(), database, options.people)?;
    let host = Host::start(home.path(), database)?;
    let [week, manager, annotators @ ..] = said.as_slice() else { bail!("nobody has joined") };
    let week: Vec<_> = week.split(' ').collect();

    let span = Duration::from_secs(options.seconds.into());
    sh::say(format!("Each of them submits a week, within {} seconds", options.seconds));
    let begin = Instant::now();
    let submitted = submit(host.address, annotators, &week, span);
    let took = begin.elapsed();
    let settled = until_settled(host.address, manager, annotators.len())?;
    let ms = |time: Duration| (time.as_secs_f64() * 10_000.0).round() / 10.0;
    let Submitted { mut latencies, errors, first_error } = submitted;
    if let Some(error) = first_error {
        sh::say(format!("The first error: {error}"));
    }
    latencies.sort_unstable();
    let numbers = json!({
        "database": if options.postgres { "postgres" } else { "sqlite" },
        "people": annotators.len(),
        "errors": errors,
        "took_s": (took.as_secs_f64() * 10.0).round() / 10.0,
        "p50_ms": ms(percentile(&latencies, 50)),
        "p99_ms": ms(percentile(&latencies, 99)),
        "max_ms": ms(latencies.last().copied().unwrap_or_default()),
        "in_the_batch_after_s": (settled.as_secs_f64() * 10.0).round() / 10.0,
    });
    drop(host);
    println!("{numbers}");
    Ok(())
}

/// The days of a week, the token of a manager, and those of everybody else.
fn fill(home: &Path, database: Option<&str>, people: u16) -> Result<Vec<String>> {
    let file = format!("sqlite://{}", home.join("data/countersign.db").display());
    let mut cargo = sh::cargo(None);
    cargo.args(["run", "--quiet", "--release", "--package", "engine", "--example", "deadline_house", "--"]);
    cargo.arg(people.to_string()).env("COUNTERSIGN_BENCH_DATABASE", database.unwrap_or(&file));
    let mut tokens = Vec::new();
    let status = sh::lines(&mut cargo, |line| tokens.push(line.to_owned()))?;
    if !status.success() {
        bail!("the database could not be filled: {status}");
    }
    Ok(tokens)
}

#[derive(Default)]
struct Submitted {
    latencies: Vec<Duration>,
    errors: usize,
    first_error: Option<String>,
}

/// Everybody at a moment of their own. What one waits is counted from that moment, also if no client was free to send it.
fn submit(server: SocketAddr, tokens: &[String], week: &[&str], span: Duration) -> Submitted {
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    let client = || {
        let mut connection = Connection::to(server);
        let mut own = Submitted::default();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(token) = tokens.get(n) else { return own };
            let due = begin + span.mul_f64(share(n, tokens.len()));
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let answer = connection.exchange(&request(server, token, n, week));
            let wrong = match answer {
                Ok(answer)
                    if answer.status == 200 && says(&answer.body, "kept") == Some(week.len() as u64) =>
                {
                    None
                }
                Ok(answer) => Some(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))),
                Err(error) => Some(format!("{error:#}")),
            };
            match wrong {
                None => own.latencies.push(due.elapsed()),
                Some(wrong) => {
                    own.errors += 1;
                    own.first_error.get_or_insert(wrong);
                }
            }
        }
    };
    let mut all = Submitted::default();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        for client in clients {
            let Ok(own) = client.join() else {
                all.errors += 1;
                continue;
            };
            all.latencies.extend(own.latencies);
            all.errors += own.errors;
            all.first_error = all.first_error.take().or(own.first_error);
        }
    });
    all
}

/// A week of five days, submitted as it is sent.
fn request(server: SocketAddr, token: &str, n: usize, week: &[&str]) -> String {
    let line = |day: &&str| {
        json!({
            "project": format!("DL-{}", n % PROJECTS), "task": "Labels", "work_on": day, "hours": "7:30",
        })
    };
    let lines: Vec<Value> = week.iter().map(line).collect();
    let body = json!({ "lines": lines, "submit": true, "confirm": true }).to_string();
    format!(
        "POST /api/v1/timesheet-lines HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn says(body: &[u8], name: &str) -> Option<u64> {
    serde_json::from_slice::<Value>(body).ok()?.get(name)?.as_u64()
}

fn share(n: usize, of: usize) -> f64 {
    let number = |n| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    number(n) / number(of)
}

/// How long it takes until everybody is in batches.
fn until_settled(server: SocketAddr, manager: &str, people: usize) -> Result<Duration> {
    let begin = Instant::now();
    let request = format!(
        "GET /api/v1/pay/batches?limit=200 HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {manager}\r\n\r\n"
    );
    let mut connection = Connection::to(server);
    while begin.elapsed() < PATIENCE {
        let answer = connection.exchange(&request)?;
        let page: Value = serde_json::from_slice(&answer.body).context("no list of batches")?;
        let batches = page["batches"].as_array().cloned().unwrap_or_default();
        let in_batches: u64 =
            batches.iter().filter(|it| it["currency"] == "CHF").filter_map(|it| it["people"].as_u64()).sum();
        if usize::try_from(in_batches).is_ok_and(|count| count >= people) {
            return Ok(begin.elapsed());
        }
        thread::sleep(Duration::from_millis(50));
    }
    bail!("after a minute not everybody is in a batch")
}

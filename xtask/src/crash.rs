//! `cargo xtask crash`: what is acknowledged survives `kill -9`.
//!
//! Clients make projects over the API, as fast as they are answered, while the server is killed at random moments and
//! started again. At the end every project that was acknowledged must be there, once, with its one line in the audit
//! log, and every line of the log must belong to a project that is there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client::{Answer, Connection};
use crate::cluster::{Cluster, Commits};
use crate::host::Host;
use crate::place::{self, Profile};
use crate::{server, sh, site};

const CLIENTS: usize = 16;
/// Between two kills: from hardly started to well under way.
const SHORTEST_LIFE: Duration = Duration::from_millis(20);
const LONGER_BY: Duration = Duration::from_millis(380);

#[derive(clap::Args)]
pub struct Options {
    /// How many times to kill the server.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Keep the data in a PostgreSQL of our own, with durable commits, rather than in SQLite.
    #[arg(long, conflicts_with = "database_url")]
    postgres: bool,
    /// Keep the data in this empty database.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Makes the moments of the kills the same as in another run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    site::build(Profile::Release)?;
    server::build(Profile::Release)?;
    let cluster = options.postgres.then(|| Cluster::start(Commits::Durable)).transpose()?;
    let database = cluster.as_ref().map(|cluster| cluster.url.as_str()).or(options.database_url.as_deref());
    let home = tempfile::tempdir().context("cannot make a temporary folder")?;
    let house = House { home: home.path(), database };

    let host = Host::start(house.home, database)?;
    let token = house.token()?;
    sh::say(format!("{CLIENTS} clients make projects; {} kills", options.kills));
    let clients = Clients { token, server: Mutex::new(Some(host.address)), over: AtomicBool::new(false) };
    let (acknowledged, host) = thread::scope(|scope| {
        let clients = &clients;
        let writing: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || clients.write(n))).collect();
        let killed = kill_again_and_again(&house, host, clients, options);
        clients.over.store(true, Ordering::SeqCst);
        let acknowledged: Vec<String> =
            writing.into_iter().flat_map(|client| client.join().unwrap_or_default()).collect();
        killed.map(|host| (acknowledged, host))
    })?;

    let kept = count(projects(host.address, &clients.token)?);
    drop(host);
    let written = count(house.made_in_audit_log()?);
    let lost = acknowledged.iter().filter(|code| !kept.contains_key(*code)).count();
    let duplicated = kept.values().chain(written.values()).filter(|times| **times > 1).count();
    let unwritten = kept.keys().filter(|code| !written.contains_key(*code)).count();
    let unfounded = written.keys().filter(|code| !kept.contains_key(*code)).count();
    let chain_broken = u32::from(!house.chain_holds()?);
    // A server nobody could write to has shown nothing.
    let enough = acknowledged.len() >= usize::try_from(options.kills)?;
    let fine = enough && lost + duplicated + unwritten + unfounded == 0 && chain_broken == 0;
    println!(
        "{}",
        json!({
            "kills": options.kills,
            "acknowledged": acknowledged.len(),
            "kept": kept.len(),
            "lost": lost,
            "duplicated": duplicated,
            "without_audit_line": unwritten,
            "audit_line_without_project": unfounded,
            "chain_broken": chain_broken,
        })
    );
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Answers the server that is left alive.
fn kill_again_and_again(house: &House, first: Host, clients: &Clients, options: &Options) -> Result<Host> {
    let mut dice = Dice(options.seed);
    let mut host = first;
    for _ in 0..options.kills {
        thread::sleep(SHORTEST_LIFE + LONGER_BY.mul_f64(dice.roll()));
        host.server.child.kill().context("cannot kill the server")?;
        host.server.child.wait()?;
        clients.meet(None);
        host = Host::start(house.home, house.database)?;
        clients.meet(Some(host.address));
    }
    // The last one lives long enough to be written to.
    thread::sleep(LONGER_BY);
    Ok(host)
}

struct Clients {
    token: String,
    /// Nowhere while it is dead.
    server: Mutex<Option<SocketAddr>>,
    over: AtomicBool,
}

impl Clients {
    fn meet(&self, server: Option<SocketAddr>) {
        *self.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = server;
    }

    /// Makes one project after the other; answers the codes of those that were acknowledged.
    fn write(&self, client: usize) -> Vec<String> {
        let mut acknowledged = Vec::new();
        let mut connection: Option<(SocketAddr, Connection)> = None;
        let mut made = 0;
        while !self.over.load(Ordering::SeqCst) {
            let server = *self.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let Some(server) = server else {
                thread::sleep(Duration::from_millis(2));
                continue;
            };
            let (_, open) = match &mut connection {
                Some(kept) if kept.0 == server => kept,
                other => other.insert((server, Connection::to(server))),
            };
            let code = format!("CRASH-{client}-{made}");
            made += 1;
            let body =
                json!({"code": code, "name": "Crash", "client": "Nobody", "currency": "EUR"}).to_string();
            match open.exchange(&request(server, "POST", "/projects", &self.token, &body)) {
                Ok(answer) if answer.status == 201 => acknowledged.push(code),
                // Refused or broken off: it may have been kept or not, and nobody was promised anything.
                Ok(_) | Err(_) => connection = None,
            }
        }
        acknowledged
    }
}

fn request(server: SocketAddr, method: &str, path: &str, token: &str, body: &str) -> String {
    format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The codes of all projects the clients have made, as the API lists them.
fn projects(server: SocketAddr, token: &str) -> Result<Vec<String>> {
    let mut connection = Connection::to(server);
    let (mut codes, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/projects?limit=200&text=CRASH-{after}");
        let answer: Answer = connection.exchange(&request(server, "GET", &path, token, ""))?;
        let page: Value = serde_json::from_slice(&answer.body).context("the list of projects is no JSON")?;
        let rows = page["projects"].as_array().with_context(|| format!("no projects in {page}"))?;
        codes.extend(rows.iter().filter_map(|row| row["code"].as_str()).map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(codes),
        }
    }
}

fn count(codes: Vec<String>) -> BTreeMap<String, u32> {
    let mut times = BTreeMap::new();
    for code in codes {
        *times.entry(code).or_default() += 1;
    }
    times
}

/// The database from the command line.
struct House<'a> {
    home: &'a Path,
    database: Option<&'a str>,
}

impl House<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = sh::command(place::server(Profile::Release));
        command.args(arguments).arg("--data-dir").arg(self.home.join("data"));
        command.args(self.database.iter().flat_map(|url| ["--database-url", url]));
        command
    }

    fn token(&self) -> Result<String> {
        let scopes = "projects:read,projects:write";
        sh::ask(&mut self.command(&[
            "token",
            "create",
            "ada@example.com",
            "--name",
            "crash",
            "--scopes",
            scopes,
        ]))
    }

    fn made_in_audit_log(&self) -> Result<Vec<String>> {
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

    fn chain_holds(&self) -> Result<bool> {
        let output = self.command(&["audit", "verify"]).output().context("cannot verify the audit log")?;
        eprintln!("    {}", String::from_utf8_lossy(&output.stdout).trim());
        Ok(output.status.success())
    }
}

/// Numbers between 0 and 1 that look random enough to spread the kills (SplitMix64).
struct Dice(u64);

impl Dice {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are kept, which is what the fraction holds")]
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

//! `cargo xtask bench pages`: the page with the longest table, as fast as the server can make it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;
use tempfile::TempDir;

use super::load::{self, Load};
use crate::cluster::{self, Cluster, Commits};
use crate::place::{self, Profile};
use crate::sh::{self, Running};
use crate::{server, site};

/// Of the demo, the same on every machine.
const EMAIL: &str = "ada%40example.com";
const PASSWORD: &str = "orbit+kettle+marble+fox";
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub struct Options {
    /// Keep the data in a PostgreSQL of our own, with durable commits, rather than in SQLite.
    #[arg(long)]
    postgres: bool,
    /// How many clients at once, each with one kept connection.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// How many pages in all.
    #[arg(long, default_value_t = 10_000)]
    requests: usize,
}

pub fn run(options: &Options) -> Result<()> {
    let site = site::build(Profile::Release)?;
    server::build(Profile::Release)?;
    let weight = site.weight()?;
    let cluster = options.postgres.then(|| Cluster::start(Commits::Durable)).transpose()?;

    let home = tempfile::tempdir().context("cannot make a temporary folder")?;
    let database = cluster.as_ref().map(|cluster| cluster.url.as_str());
    sh::say("Starting the server, once to fill the database and once to take the time");
    Host::start(&home, database)?.server.stop(PATIENCE);
    let host = Host::start(&home, database)?;

    let cookie = sign_in(host.address)?;
    let load = |path, requests| {
        sh::say(format!("{requests} × GET {path} over {} connections", options.connections));
        let connections = usize::from(options.connections);
        Load { server: host.address, path, cookie: &cookie, connections, requests }.run()
    };
    // What this generator and this machine can do at most, to see how much of a page's time is the page.
    let limit = load("/healthz", options.requests);
    load("/people", options.requests / 10); // warm up
    let pages = load("/people", options.requests);

    let kb = |bytes| tenths(f64::from(bytes) / 1000.0);
    let ms = |time: Duration| tenths(time.as_secs_f64() * 1000.0);
    let numbers = json!({
        "rps": pages.requests_per_second.round(),
        "p50_ms": ms(pages.percentile(50)),
        "p99_ms": ms(pages.percentile(99)),
        "errors": pages.errors,
        "panics": panics(home.path())?,
        "wasm_raw_kb": kb(weight.raw),
        "wasm_brotli_kb": kb(weight.brotli),
        "rss_mb": tenths(resident_kb(host.server.child.id())? / 1000.0),
        "start_ms": ms(host.started_in),
        "healthz_rps": limit.requests_per_second.round(),
    });
    drop(host);
    println!("{numbers}");
    Ok(())
}

struct Host {
    server: Running,
    address: SocketAddr,
    started_in: Duration,
}

impl Host {
    fn start(home: &TempDir, database: Option<&str>) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster::free_port()?));
        let log = File::options().create(true).append(true).open(home.path().join("log"))?;
        let mut serve = sh::command(place::server(Profile::Release));
        serve.args(["serve", "--demo", "--listen", &address.to_string()]);
        serve
            .arg("--data-dir")
            .arg(home.path().join("data"))
            .arg("--site-dir")
            .arg(place::site(Profile::Release));
        serve.args(database.iter().flat_map(|url| ["--database-url", url]));
        serve.stdout(log.try_clone()?).stderr(log);

        let begin = Instant::now();
        let mut server = Running::start(&mut serve)?;
        while !is_ready(address) {
            let has_ended = server.child.try_wait()?.is_some();
            if has_ended || begin.elapsed() > PATIENCE || sh::interrupted() {
                let log = fs::read_to_string(home.path().join("log")).unwrap_or_default();
                bail!("the server does not get ready; it says:\n{log}");
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(Self { server, address, started_in: begin.elapsed() })
    }
}

fn is_ready(server: SocketAddr) -> bool {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    load::once(server, &request).is_ok_and(|answer| answer.status == 200)
}

/// Signs in as the form does, and returns the cookies as a browser would send them.
fn sign_in(server: SocketAddr) -> Result<String> {
    let form = format!("email={EMAIL}&password={PASSWORD}");
    let request = format!(
        "POST /do/sign_in HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\nAccept: text/html\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = load::once(server, &request).context("cannot sign in")?;
    let cookies: Vec<_> =
        answer.headers("set-cookie").filter_map(|cookie| cookie.split(';').next()).collect();
    if answer.status != 303 || cookies.is_empty() {
        let body = String::from_utf8_lossy(&answer.body).chars().take(500).collect::<String>();
        bail!("signing in as the demo's admin was answered with {} and no session: {body}", answer.status);
    }
    Ok(cookies.join("; "))
}

fn panics(home: &Path) -> Result<usize> {
    let log = fs::read(home.join("log")).context("cannot read the server's log")?;
    Ok(String::from_utf8_lossy(&log).lines().filter(|line| line.contains("panicked")).count())
}

/// The memory the program holds, from Linux; elsewhere there is no such file.
fn resident_kb(process: u32) -> Result<f64> {
    let status =
        fs::read_to_string(format!("/proc/{process}/status")).context("only Linux tells the memory used")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    line.trim().trim_end_matches(" kB").parse().context("VmRSS is no number")
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

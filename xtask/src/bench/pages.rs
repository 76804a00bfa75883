//! `cargo xtask bench pages`: the page with the longest table, as fast as the server can make it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::load::Load;
use crate::client::Connection;
use crate::cluster::{Cluster, Commits};
use crate::host::Host;
use crate::place::Profile;
use crate::{server, sh, site};

/// Of the demo, the same on every machine.
const EMAIL: &str = "ada%40example.com";
const PASSWORD: &str = "orbit+kettle+marble+fox";
const PATIENCE: Duration = Duration::from_mins(1);

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
    Host::start(home.path(), database)?.server.stop(PATIENCE);
    let host = Host::start(home.path(), database)?;

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

/// Signs in as the form does, and returns the cookies as a browser would send them.
fn sign_in(server: SocketAddr) -> Result<String> {
    let form = format!("email={EMAIL}&password={PASSWORD}");
    let request = format!(
        "POST /do/sign_in HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\nAccept: text/html\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = Connection::to(server).exchange(&request).context("cannot sign in")?;
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

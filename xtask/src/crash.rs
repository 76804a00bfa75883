//! `cargo xtask crash`: what is acknowledged survives `kill -9`, and what was begun comes to its end.
//!
//! Clients make projects and start runs over the API, as fast as they are answered, while servers are killed at random
//! moments and started again; on PostgreSQL there are two, and now and then the database is killed instead. At the end
//! every project that was acknowledged must be there, once, with its one line in the audit log, and every line of the log
//! must belong to a project that is there. Every run that was acknowledged must have ended; each of its steps must have
//! succeeded once; and a log kept outside must show each effect once. Some runs go through a program, a person, a list of
//! elements and a message to the outside: what was brought back and decided must be there, and each element and message once.

mod clients;
mod desk;
mod house;
mod outside;
mod runs;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use self::clients::{Clients, Promised, request};
use self::house::House;
use self::outside::Outside;
use crate::client::Connection;
use crate::cluster::{Cluster, Commits};
use crate::host::Host;
use crate::place::Profile;
use crate::{server, sh, site};

const CLIENTS: usize = 16;
/// Between two kills: from hardly started to well under way.
const SHORTEST_LIFE: Duration = Duration::from_millis(20);
const LONGER_BY: Duration = Duration::from_millis(380);
/// On a PostgreSQL of our own, every so many kills hit the database.
const DATABASE_EVERY: u32 = 10;

/// What signs messages to the outside.
const SECRET: (&str, &str) = ("COUNTERSIGN_SECRET_CRASH", "whsec_Y3Jhc2hjcmFzaGNyYXNoY3Jhc2hjcmFzaGNyYXNo");

#[derive(clap::Args)]
pub struct Options {
    /// How many times to kill a server.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Keep the data in a PostgreSQL of our own, with durable commits, rather than in SQLite: two servers share it, and it
    /// is killed now and then, too.
    #[arg(long, conflicts_with = "database_url")]
    postgres: bool,
    /// Keep the data in this empty database. Two servers share it.
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
    let outside = Outside::open()?;

    let mut hosts = vec![start(&house)?];
    let token = house
        .token("ada@example.com", "projects:read,projects:write,workflows:write,runs:write,reviews:read")?;
    let hand = house.token("mara@example.com", "errands:write,reviews:write")?;
    runs::apply(&Office::at(&hosts, &token)?, &outside)?;
    desk::apply(&Office::at(&hosts, &token)?, &outside)?;
    if database.is_some() {
        hosts.push(start(&house)?);
    }
    sh::say(format!("{CLIENTS} clients make projects and start runs; {} kills", options.kills));
    let clients = Clients::new(token.clone(), hosts.len());
    let desk_is_over = AtomicBool::new(false);
    let (promised, done, found, wide) = thread::scope(|scope| {
        let (clients, desk_is_over) = (&clients, &desk_is_over);
        let desk = scope.spawn(|| desk::work(clients, &hand, desk_is_over));
        let working: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || clients.work(n))).collect();
        let killed = kill_again_and_again(&house, &mut hosts, cluster.as_ref(), clients, options);
        clients.over.store(true, Ordering::SeqCst);
        let mut all = Promised::default();
        for client in working {
            let promised = client.join().unwrap_or_default();
            all.projects.extend(promised.projects);
            all.runs.extend(promised.runs);
        }
        // What was begun needs the desk to come to its end.
        let looked = killed.and_then(|()| runs::look(&Office::at(&hosts, &token)?, &outside, &all.runs));
        desk_is_over.store(true, Ordering::SeqCst);
        let done = desk.join().unwrap_or_default();
        looked.map(|(found, wide)| (all, done, found, wide))
    })?;

    let office = Office::at(&hosts, &token)?;
    let mut found = found;
    desk::look(&office, &outside, &done, &wide, &mut found)?;
    let kept = count(projects(&office)?);
    drop(hosts);
    let written = count(house.made_in_audit_log()?);
    let lost = promised.projects.iter().filter(|code| !kept.contains_key(*code)).count();
    let duplicated = kept.values().chain(written.values()).filter(|times| **times > 1).count();
    let unwritten = kept.keys().filter(|code| !written.contains_key(*code)).count();
    let unfounded = written.keys().filter(|code| !kept.contains_key(*code)).count();
    let chain_broken = u32::from(!house.chain_holds()?);
    // Servers nobody could use have shown nothing.
    let kills = usize::try_from(options.kills)?;
    let enough = promised.projects.len() >= kills && done.errands.min(done.decided.len()) * 10 >= kills;
    // To be given up takes three kills in a row over one run: that may happen, and not to many.
    let given_up = found.poison.saturating_sub(found.runs / 100);
    let wrong = given_up
        + found.lost
        + found.duplicated
        + found.stuck
        + found.failed
        + lost
        + duplicated
        + unwritten
        + unfounded;
    println!(
        "{}",
        json!({
            "kills": options.kills,
            "runs": found.runs,
            "lost": found.lost,
            "duplicated": found.duplicated,
            "stuck": found.stuck,
            "failed": found.failed,
            "given_up_as_poison": found.poison,
            "given_up_with_their_list": found.beside,
            "effects_repeated_under_their_key": outside.repeats(),
            "errands_brought_back": done.errands,
            "reviews_decided": done.decided.len(),
            "runs_with_people_programs_and_lists": wide.len(),
            "projects": {
                "acknowledged": promised.projects.len(),
                "kept": kept.len(),
                "lost": lost,
                "duplicated": duplicated,
                "without_audit_line": unwritten,
                "audit_line_without_project": unfounded,
                "chain_broken": chain_broken,
            },
        })
    );
    let fine = enough && wrong == 0 && chain_broken == 0;
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn start(house: &House<'_>) -> Result<Host> {
    // What is lost is to be found again soon, and effects go to this machine.
    Host::start_with(
        house.home,
        house.database,
        &["--lease-s", "2", "--allow-private", "127.0.0.1"],
        &[SECRET],
    )
}

fn kill_again_and_again(
    house: &House<'_>,
    hosts: &mut [Host],
    cluster: Option<&Cluster>,
    clients: &Clients,
    options: &Options,
) -> Result<()> {
    let mut dice = Dice(options.seed);
    for (place, host) in hosts.iter().enumerate() {
        clients.meet(place, Some(host.address));
    }
    for kill in 1..=options.kills {
        thread::sleep(SHORTEST_LIFE + LONGER_BY.mul_f64(dice.roll()));
        if let Some(cluster) = cluster.filter(|_| kill % DATABASE_EVERY == 0) {
            cluster.crash()?;
            continue;
        }
        let place = if dice.roll() < 0.5 { 0 } else { hosts.len() - 1 };
        let Some(host) = hosts.get_mut(place) else { continue };
        host.server.child.kill().context("cannot kill the server")?;
        host.server.child.wait()?;
        clients.meet(place, None);
        *host = start(house)?;
        clients.meet(place, Some(host.address));
    }
    // The last ones live long enough to be used.
    thread::sleep(LONGER_BY);
    Ok(())
}

/// Somebody with a token, at a server that is alive.
pub struct Office<'a> {
    address: SocketAddr,
    token: &'a str,
    connection: RefCell<Connection>,
}

impl<'a> Office<'a> {
    fn at(hosts: &[Host], token: &'a str) -> Result<Self> {
        let address = hosts.first().context("there is no server")?.address;
        Ok(Self { address, token, connection: RefCell::new(Connection::to(address)) })
    }

    pub fn ask(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let request = request(self.address, method, path, self.token, body);
        let answer = self.connection.borrow_mut().exchange(&request)?;
        serde_json::from_slice(&answer.body).with_context(|| format!("the answer of {path} is no JSON"))
    }
}

/// The codes of all projects the clients have made, as the API lists them.
fn projects(office: &Office<'_>) -> Result<Vec<String>> {
    let (mut codes, mut after) = (Vec::new(), String::new());
    loop {
        let page = office.ask("GET", &format!("/projects?limit=200&text=CRASH-{after}"), "")?;
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

//! Those who use the servers while they are killed: each makes projects and starts runs as fast as it is answered, and
//! notes what it was promised.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{ELEMENTS, WIDE};
use crate::client::{Answer, Connection};

/// Of so many runs, one goes through people, programs and lists.
const WIDE_EVERY: usize = 8;

/// The workflow whose runs they start.
pub const WORKFLOW: &str = "crash";

pub struct Clients {
    token: String,
    /// Those that are alive.
    servers: Mutex<Vec<Option<SocketAddr>>>,
    pub over: AtomicBool,
}

/// What was acknowledged.
#[derive(Default)]
pub struct Promised {
    /// The codes of projects.
    pub projects: Vec<String>,
    /// The ids of runs.
    pub runs: Vec<String>,
}

impl Clients {
    pub fn new(token: String, servers: usize) -> Self {
        Self { token, servers: Mutex::new(vec![None; servers]), over: AtomicBool::new(false) }
    }

    pub fn meet(&self, server: usize, address: Option<SocketAddr>) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = servers.get_mut(server) {
            *place = address;
        }
    }

    /// One server that is alive, another for each client if there are several.
    pub fn server(&self, client: usize) -> Option<SocketAddr> {
        let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let alive: Vec<_> = servers.iter().flatten().collect();
        alive.get(client % alive.len().max(1)).map(|address| **address)
    }

    /// Works until it is over.
    pub fn work(&self, client: usize) -> Promised {
        let mut promised = Promised::default();
        let mut connection: Option<(SocketAddr, Connection)> = None;
        let mut made = 0;
        while !self.over.load(Ordering::SeqCst) {
            let Some(server) = self.server(client) else {
                thread::sleep(Duration::from_millis(2));
                continue;
            };
            let (_, open) = match &mut connection {
                Some(kept) if kept.0 == server => kept,
                other => other.insert((server, Connection::to(server))),
            };
            made += 1;
            // Refused or broken off: it may have been kept or not, and nobody was promised anything.
            if self.make(server, open, client, made, &mut promised).is_none() {
                connection = None;
            }
        }
        promised
    }

    fn make(
        &self,
        server: SocketAddr,
        connection: &mut Connection,
        client: usize,
        made: usize,
        promised: &mut Promised,
    ) -> Option<()> {
        let mut post = |path: &str, body: Value| -> Option<Answer> {
            let request = request(server, "POST", path, &self.token, &body.to_string());
            connection.exchange(&request).ok().filter(|answer| answer.status == 201)
        };
        let code = format!("CRASH-{client}-{made}");
        let all: Vec<_> = (0..ELEMENTS).collect();
        let (workflow, input) = match made % WIDE_EVERY {
            0 => (WIDE, json!({ "n": made, "all": all })),
            _ => (WORKFLOW, json!({ "n": made })),
        };
        let run = post("/runs", json!({ "workflow": workflow, "input": input, "key": code }))?;
        let run: Value = serde_json::from_slice(&run.body).ok()?;
        promised.runs.push(run["id"].as_str()?.to_owned());
        post("/projects", json!({ "code": code, "name": "Crash", "client": "Nobody", "currency": "EUR" }))?;
        promised.projects.push(code);
        Some(())
    }
}

pub fn request(server: SocketAddr, method: &str, path: &str, token: &str, body: &str) -> String {
    format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

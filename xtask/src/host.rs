//! The server as benches and the crash test start it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::client::Connection;
use crate::cluster;
use crate::place::{self, Profile};
use crate::sh::{self, Running};

const PATIENCE: Duration = Duration::from_mins(1);

/// The release program, serving the demo from a folder of its own.
pub struct Host {
    pub server: Running,
    pub address: SocketAddr,
    pub started_in: Duration,
}

impl Host {
    /// Starts it and waits until it is ready. What it says goes to the file `log` in that folder.
    pub fn start(home: &Path, database: Option<&str>) -> Result<Self> {
        Self::start_with(home, database, &[], &[])
    }

    /// The same, with more options and variables.
    pub fn start_with(
        home: &Path,
        database: Option<&str>,
        options: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster::free_port()?));
        let log = File::options().create(true).append(true).open(home.join("log"))?;
        let mut serve = sh::command(place::server(Profile::Release));
        serve.args(["serve", "--demo", "--listen", &address.to_string()]);
        serve.arg("--data-dir").arg(home.join("data")).arg("--site-dir").arg(place::site(Profile::Release));
        serve.args(database.iter().flat_map(|url| ["--database-url", url]));
        serve.args(options).envs(variables.iter().copied());
        serve.stdout(log.try_clone()?).stderr(log);

        let begin = Instant::now();
        let mut server = Running::start(&mut serve)?;
        while !is_ready(address) {
            let has_ended = server.child.try_wait()?.is_some();
            if has_ended || begin.elapsed() > PATIENCE || sh::interrupted() {
                let log = fs::read_to_string(home.join("log")).unwrap_or_default();
                bail!("the server does not get ready; it says:\n{log}");
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(Self { server, address, started_in: begin.elapsed() })
    }
}

fn is_ready(server: SocketAddr) -> bool {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    Connection::to(server).exchange(&request).is_ok_and(|answer| answer.status == 200)
}

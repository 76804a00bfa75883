//! A PostgreSQL of our own: a cluster in a temporary folder on a free port of 127.0.0.1, gone when dropped. No test or
//! bench relies on a server that happens to run.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::unistd::User;
use tempfile::TempDir;

use crate::{sh, tools};

/// Whether commits wait for the disk. Tests need not survive a power cut; a bench that skipped it would lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Commits {
    Fast,
    Durable,
}

pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    /// The user to be when we are root, which PostgreSQL refuses.
    user: Option<&'static str>,
    /// Of the superuser, on the database `postgres`.
    pub url: String,
}

impl Cluster {
    pub fn start(commits: Commits) -> Result<Self> {
        let programs = tools::postgres()?;
        let user = tools::is_root().then_some("postgres");
        let folder = tempfile::Builder::new().prefix("countersign-pg-").tempdir()?;
        let (port, password) = (free_port()?, password()?);
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let cluster = Self { folder, programs, user, url };
        sh::say("Starting a PostgreSQL of our own");
        cluster.initialise(&password)?;
        cluster.configure(port, commits)?;
        cluster.control(&["start", "-w", "-t", "60", "-s", "-l", &cluster.path("log")]).with_context(
            || {
                let log = fs::read_to_string(cluster.path("log")).unwrap_or_default();
                format!("PostgreSQL does not start\n{log}")
            },
        )?;
        Ok(cluster)
    }

    fn initialise(&self, password: &str) -> Result<()> {
        let password_file = self.path("password");
        fs::write(&password_file, password)?;
        if let Some(user) = self.user {
            let user = User::from_name(user)?.with_context(|| format!("there is no user {user}"))?;
            for path in [self.folder.path(), Path::new(&password_file)] {
                chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
            }
        }
        // Sent as it is, since it never leaves this machine: SCRAM would cost each of thousands of connections more
        // than the test that opens it.
        let mut initdb = tools::as_user(self.user, self.programs.join("initdb"));
        initdb.args(["-D", &self.path("data"), "-U", "postgres", "--pwfile", &password_file]);
        initdb.args(["--auth=password", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        sh::ask(initdb.current_dir(self.folder.path())).context("cannot make a PostgreSQL cluster")?;
        Ok(())
    }

    fn configure(&self, port: u16, commits: Commits) -> Result<()> {
        let folder = self.folder.path().display();
        let durable = if commits == Commits::Durable { "on" } else { "off" };
        let settings = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\n\
             max_connections = 200\nfsync = {durable}\nsynchronous_commit = {durable}\nfull_page_writes = {durable}\n"
        );
        let file = self.path("data/postgresql.conf");
        let mut configuration = OpenOptions::new().append(true).open(&file)?;
        configuration.write_all(settings.as_bytes()).with_context(|| format!("cannot write {file}"))
    }

    fn control(&self, arguments: &[&str]) -> Result<()> {
        let mut pg_ctl = tools::as_user(self.user, self.programs.join("pg_ctl"));
        pg_ctl.args(["-D", &self.path("data")]).args(arguments).current_dir(self.folder.path());
        sh::ask(&mut pg_ctl).map(drop)
    }

    /// Ends it as a power cut would, and starts it again.
    pub fn crash(&self) -> Result<()> {
        self.control(&["restart", "-w", "-t", "60", "-s", "-m", "immediate", "-l", &self.path("log")])
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !Path::new(&self.path("data/postmaster.pid")).exists() {
            return; // it never started
        }
        // Immediate, because nothing in it is worth keeping. The folder goes after this, with its own drop.
        if let Err(error) = self.control(&["stop", "-m", "immediate", "-s"]) {
            eprintln!("PostgreSQL does not stop: {error:#}");
        }
    }
}

/// A port that is free now. Another program could take it in between, which then is an error and not a wrong result.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot find a free port")?;
    Ok(listener.local_addr()?.port())
}

fn password() -> Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("no randomness")?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

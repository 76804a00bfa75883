//! `cargo xtask dev`: build and start again on each change.
//!
//! Changes are found by looking at modification times three times a second. That is a few hundred `stat` calls, works
//! on every file system and needs no library.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::place::{self, Profile};
use crate::run::Serve;
use crate::sh::Running;
use crate::{server, sh, site};

const WATCHED: [&str; 9] =
    ["app", "domain", "engine", "server", "stand-in", "style", "public", "migrations", "workflows"];
const PAUSE: Duration = Duration::from_millis(300);
/// The server ends by itself once requests in flight are answered; a page that streams events may hold it up.
const PATIENCE: Duration = Duration::from_secs(5);

type Times = BTreeMap<PathBuf, SystemTime>;

pub fn run(options: &Serve) -> Result<()> {
    let mut server: Option<Running> = None;
    loop {
        let times = look()?;
        match build() {
            Ok(()) => {
                if let Some(mut old) = server.take() {
                    old.stop(PATIENCE);
                }
                server = Some(Running::start(options.command(Profile::Dev).arg("--reload-pages"))?);
                sh::say("Serving; waiting for a change");
            }
            Err(_) if sh::interrupted() => return Ok(()),
            Err(error) => {
                eprintln!("{error:#}");
                sh::say(match server {
                    Some(_) => "That did not build: still serving the last good build, waiting for a change",
                    None => "That did not build: waiting for a change",
                });
            }
        }
        let Some(changed) = wait_for_change(&times, server.as_mut())? else { return Ok(()) };
        sh::say(format!("{} changed", changed.display()));
    }
}

fn build() -> Result<()> {
    site::build(Profile::Dev)?;
    server::build(Profile::Dev)
}

/// The first file found to be new, changed or gone; `None` when asked to stop.
fn wait_for_change(before: &Times, mut server: Option<&mut Running>) -> Result<Option<PathBuf>> {
    while !sh::interrupted() {
        let now = look()?;
        if let Some(changed) = difference(before, &now) {
            return Ok(Some(changed));
        }
        if let Some(running) = server.as_mut()
            && let Ok(Some(status)) = running.child.try_wait()
        {
            sh::say(format!("The server ended with {status}: waiting for a change"));
            server = None;
        }
        thread::sleep(PAUSE);
    }
    Ok(None)
}

fn look() -> Result<Times> {
    let mut times = Times::new();
    for folder in WATCHED {
        for file in site::files_below(&place::root().join(folder))? {
            // An editor may have removed its temporary file since the listing.
            if let Ok(time) = file.metadata().and_then(|meta| meta.modified()) {
                times.insert(file, time);
            }
        }
    }
    Ok(times)
}

fn difference(before: &Times, now: &Times) -> Option<PathBuf> {
    let changed = now.iter().find(|(file, time)| before.get(*file) != Some(*time));
    let gone = || before.iter().find(|(file, _)| !now.contains_key(*file));
    changed.or_else(gone).map(|(file, _)| file.strip_prefix(place::root()).unwrap_or(file).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_a_changed_and_a_removed_file_are_seen() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let times =
            |files: &[(&str, u64)]| files.iter().map(|(file, s)| (PathBuf::from(file), at(*s))).collect();
        let before: Times = times(&[("a", 1), ("b", 1)]);
        assert_eq!(difference(&before, &before), None);
        assert_eq!(difference(&before, &times(&[("a", 1), ("b", 2)])), Some("b".into()));
        assert_eq!(difference(&before, &times(&[("a", 1), ("b", 1), ("c", 1)])), Some("c".into()));
        assert_eq!(difference(&before, &times(&[("a", 1)])), Some("b".into()));
    }
}

//! Running other programs: say what is run, time it, give errors that tell what to do, and leave nothing behind.
//!
//! Every program gets a process group of its own, so that Ctrl-C can stop it with everything it started (cargo's
//! tests, Playwright's browsers), and so that what we own is dropped in order afterwards.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{BufRead, BufReader, IsTerminal};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// From here on Ctrl-C and SIGTERM stop what is running; the caller then sees an error and drops what it holds.
pub fn catch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        for group in running().iter() {
            signal(*group, Signal::SIGTERM);
        }
    })
    .context("cannot listen for Ctrl-C")
}

pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// A heading for what comes next.
pub fn say(what: impl Display) {
    let (on, off) = if io::stderr().is_terminal() { ("\x1b[1;36m", "\x1b[0m") } else { ("", "") };
    eprintln!("{on}▸ {what}{off}");
}

pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(crate::place::root());
    command
}

/// Cargo, without what the cargo around us has put into the environment: build scripts that watch those variables
/// (ring's does) would otherwise build again each time one changes between `cargo` and `cargo xtask`.
pub fn cargo(toolchain: Option<&str>) -> Command {
    let mut cargo = command("cargo");
    for (name, _) in env::vars_os() {
        let set_by_cargo = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
                .iter()
                .any(|p| name.starts_with(p))
        });
        if set_by_cargo {
            cargo.env_remove(name);
        }
    }
    if let Some(toolchain) = toolchain {
        cargo.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").arg(format!("+{toolchain}"));
    }
    cargo
}

/// Runs to the end with output going where ours goes; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = finish(command, |_| ())?;
    if !status.success() {
        bail!("`{}` ended with {status}", show(command));
    }
    Ok(())
}

/// Runs to the end and hands over each line of standard output when it comes. Printing it is up to the receiver.
pub fn lines(command: &mut Command, each: impl FnMut(&str)) -> Result<ExitStatus> {
    finish(command.stdout(Stdio::piped()), each)
}

fn finish(command: &mut Command, mut each: impl FnMut(&str)) -> Result<ExitStatus> {
    let shown = show(command);
    eprintln!("  $ {shown}");
    let begin = Instant::now();
    let mut program = Running::start(command)?;
    if let Some(output) = program.child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.with_context(|| format!("cannot read what `{shown}` says"))?;
            each(String::from_utf8_lossy(&line).trim_end_matches('\r'));
        }
    }
    let status = program.child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    if interrupted() {
        bail!("interrupted");
    }
    eprintln!("    {:.1} s", begin.elapsed().as_secs_f64());
    Ok(status)
}

/// Runs quietly and returns what it says. For questions, not for work.
pub fn ask(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .process_group(0)
        .output()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` ended with {}\n{}", output.status, why.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first of the PATH's programs with this name.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// A program that runs beside us. Dropping it asks it to stop and waits until it has.
pub struct Running {
    pub child: Child,
}

impl Running {
    pub fn start(command: &mut Command) -> Result<Self> {
        let shown = show(command);
        let child = command.stdin(Stdio::null()).process_group(0).spawn();
        let child = child.with_context(|| format!("cannot start `{shown}`"))?;
        running().insert(child.id());
        if interrupted() {
            signal(child.id(), Signal::SIGTERM); // it came just before the group was known
        }
        Ok(Self { child })
    }

    /// Asks it to stop, waits, and after `patience` insists.
    pub fn stop(&mut self, patience: Duration) {
        signal(self.child.id(), Signal::SIGTERM);
        let end = Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > end {
                signal(self.child.id(), Signal::SIGKILL);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.stop(Duration::from_secs(10));
        }
        running().remove(&self.child.id());
    }
}

fn running() -> std::sync::MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn signal(group: u32, signal: Signal) {
    if let Ok(group) = i32::try_from(group) {
        // It may have ended already: then there is nobody to tell.
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// The command as one would type it, with paths relative to the root where they are in it.
fn show(command: &Command) -> String {
    let root = format!("{}/", crate::place::root().display());
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().replace(&root, "")).collect::<Vec<_>>().join(" ")
}

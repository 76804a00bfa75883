//! The program from the command line.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod configuration;
mod people;
mod serving;
mod workflows;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A folder with an empty site and, later, the data.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("site")).unwrap();
        std::fs::write(folder.path().join("site/manifest.json"), "{}").unwrap();
        Self(folder)
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(args).arg("--data-dir").arg(self.data()).env_remove("DATABASE_URL").stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs to a good end; answers what was printed.
    fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Fails; answers what was said.
    fn bad(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?} went well");
        let said =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains("panicked"), "{said}");
        said
    }

    /// A server on a free port; answers it with the first line that holds the given word.
    fn serve(&self, args: &[&str], word: &str) -> (Child, String) {
        let mut command = self.command(&["serve"]);
        command.env("COUNTERSIGN_LISTEN", "127.0.0.1:0");
        command.arg("--site-dir").arg(self.0.path().join("site")).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.map_while(Result::ok).find(|line| line.contains(word));
        (child, line.unwrap_or_else(|| panic!("the server ended without saying {word}")))
    }
}

fn stop(mut child: Child) -> i32 {
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let asked = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(-1);
        }
        assert!(asked.elapsed() < Duration::from_secs(10), "it did not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
}

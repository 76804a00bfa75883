//! The program from the command line.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
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

#[test]
fn an_empty_server_prints_a_set_up_link_and_stops_when_asked() {
    let place = Place::new();
    let (child, link) = place.serve(&[], "/set-up/");
    assert!(link.trim().starts_with("http://127.0.0.1:"), "{link}");
    assert_eq!(stop(child), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for (name, mode) in [("", 0o700), ("countersign.key", 0o600), ("countersign.db", 0o600)] {
            let found = std::fs::metadata(place.data().join(name)).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode, "others can read data/{name}");
        }
    }
}

#[test]
fn another_key_is_refused_and_named_by_the_doctor() {
    let place = Place::new();
    place.good(&["demo"]);
    let other = ["--key", &"5c".repeat(32)];
    let said = place.bad(&["person", "list", other[0], other[1]]);
    assert!(said.contains("not the key") && said.contains("countersign.key"), "{said}");
    assert!(place.bad(&["doctor", other[0], other[1]]).contains("WRONG  seals"));
    assert!(place.good(&["doctor"]).contains("ok     seals"));
}

#[test]
fn half_of_a_configuration_is_refused() {
    let place = Place::new();
    let file = place.0.path().join("c.toml");
    std::fs::write(&file, "smtp-url = \"smtps://mail.example.com\"").unwrap();
    let said = place.bad(&["demo", "--config", file.to_str().unwrap()]);
    assert!(said.contains("--smtp-from"), "{said}");
}

#[test]
fn a_server_for_every_address_is_named_by_one_that_a_browser_can_open() {
    let place = Place::new();
    let (child, line) = place.serve(&["--listen", "0.0.0.0:0"], "Countersign is at");
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    stop(child);
}

#[test]
fn the_demo_people_and_tokens_are_looked_after_from_the_console() {
    let place = Place::new();
    assert!(place.good(&["demo"]).contains("loaded"));
    assert!(place.good(&["demo"]).contains("nothing was changed"));
    assert!(place.good(&["person", "list"]).contains("mara@example.com\tMara Lindqvist\tmanager\tactive"));
    let args = ["person", "invite", "zoe@example.com", "--name", "Zoë", "--roles", "reviewer,annotator"];
    assert!(place.good(&args).contains("/invitation/"));
    assert!(place.bad(&args).contains("already here"));
    assert!(
        place.bad(&["person", "invite", "x", "--name", "X", "--roles", "boss"]).contains("need another look")
    );
    assert!(place.good(&["person", "reset-password", "ana@example.com"]).contains("/reset/"));
    assert!(place.good(&["person", "disable", "ana@example.com"]).contains("disabled"));
    assert!(place.bad(&["person", "disable", "ada@example.com"]).contains("only admin"));
    assert!(place.bad(&["person", "reset-two-step", "ada@example.com"]).contains("one step"));

    let token =
        place.good(&["token", "create", "mara@example.com", "--name", "t", "--scopes", "people:read"]);
    assert!(token.starts_with("csn_"));
    let list = place.good(&["token", "list", "mara@example.com"]);
    let id = list.split('\t').next().unwrap();
    assert!(list.contains("works") && !list.contains(token.trim()));
    place.good(&["token", "revoke", "mara@example.com", id]);
    assert!(place.good(&["token", "list", "mara@example.com"]).contains("ended"));
}

#[test]
fn a_person_is_added_with_a_password_from_standard_input() {
    let place = Place::new();
    place.good(&["migrate"]);
    let add = |password: &str| {
        let mut child = place
            .command(&["person", "add", "ada@example.com", "--name", "Ada", "--roles", "admin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    assert!(!add("password1234").status.success(), "a weak password was taken");
    assert!(add("saddle vortex maple 42").status.success());
    assert!(place.good(&["person", "list"]).contains("admin\tactive"));
}

#[test]
fn the_audit_chain_is_verified_and_a_tampering_named() {
    let place = Place::new();
    place.good(&["demo"]);
    assert!(place.good(&["audit", "verify"]).contains("The chain holds"));
    let lines = place.good(&["audit", "export"]);
    assert!(lines.lines().all(|line| line.starts_with('{')));
    assert!(place.good(&["audit", "export", "--format", "csv"]).starts_with("seq,at,"));

    let (data, file) = (place.data(), "countersign.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}", data.join(file).display());
        let db = engine::db::Db::open(&engine::db::DbOptions::new(url)).await.unwrap();
        engine::testing::run(&db, "UPDATE audit_line SET thing_name = 'somebody else' WHERE seq = 3").await;
        db.close().await;
    });
    let said = place.bad(&["audit", "verify"]);
    assert!(said.contains("breaks at line 3"), "{said}");
}

#[test]
fn a_backup_is_whole_while_the_server_runs() {
    let place = Place::new();
    let (child, _) = place.serve(&["--demo"], "annotator");
    let copy = place.0.path().join("copy.db");
    let copy_text = copy.to_str().unwrap().to_owned();
    assert!(place.good(&["backup", &copy_text]).contains("holds a copy"));
    assert!(place.bad(&["backup", &copy_text]).contains("never overwrites"));
    assert_eq!(stop(child), 0);
    let nothing = Place::new();
    assert!(nothing.bad(&["backup", &format!("{copy_text}.2")]).contains("There is no database"));
    let url = format!("sqlite://{copy_text}");
    assert!(place.good(&["--database-url", &url, "audit", "verify"]).contains("The chain holds"));
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let site = place.0.path().join("site");
    let said = place.bad(&["serve", "--listen", &address, "--site-dir", site.to_str().unwrap()]);
    assert!(said.contains("in use") && said.contains("--listen"), "{said}");
    assert!(!place.data().exists(), "something was made before the port was known");
}

#[test]
fn a_server_that_waits_for_another_program_says_so_and_can_be_stopped() {
    let place = Place::new();
    place.good(&["migrate"]);
    let held = std::fs::File::create(place.data().join("countersign.db.lock")).unwrap();
    held.lock().unwrap();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--site-dir").arg(place.0.path().join("site"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.into_iter().any(|line| line.contains("waiting for another program")));
    assert_eq!(stop(child), 0);
}

#[test]
fn a_lost_key_is_missed_and_not_replaced() {
    let place = Place::new();
    place.good(&["demo"]);
    let key = place.data().join("countersign.key");
    std::fs::remove_file(&key).unwrap();
    assert!(place.bad(&["person", "list"]).contains("is gone"));
    assert!(!key.exists(), "another key was made");
    // What needs no key still works: one may want to save what there is.
    assert!(place.good(&["audit", "verify"]).contains("The chain holds"));
    assert!(
        place.good(&["backup", place.0.path().join("copy.db").to_str().unwrap()]).contains("holds a copy")
    );
}

#[test]
fn wrong_configurations_are_refused_with_what_to_do() {
    let place = Place::new();
    let file = place.0.path().join("c.toml");
    let config = |text: &str| {
        std::fs::write(&file, text).unwrap();
        place.bad(&["--config", file.to_str().unwrap(), "migrate"])
    };
    assert!(config("lisen = \"x\"").contains("no option lisen"));
    assert!(config("not toml at all").contains("not TOML"));
    assert!(config("log = \"nonsense=nonsense=\"").contains("--log"));
    assert!(place.bad(&["--config", "/nowhere.toml", "migrate"]).contains("cannot be read"));
    assert!(place.bad(&["--key", "short", "demo"]).contains("64 hexadecimal"));
    assert!(
        place
            .bad(&["--database-url", "postgres://127.0.0.1:1/none", "migrate"])
            .contains("PostgreSQL does not answer")
    );
    assert!(place.bad(&["serve", "--site-dir", "/nowhere"]).contains("cargo xtask build"));
    let empty = Place::new().bad(&["person", "list"]);
    assert!(empty.contains("There is no database"), "{empty}");
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    std::fs::write(place.data().join("countersign.db"), "").unwrap();
    let unmigrated = place.bad(&["person", "list"]);
    assert!(unmigrated.contains("countersign migrate"), "{unmigrated}");
}

/// A plain file where the folder should be: not even root can write into it.
#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let place = Place::new();
    std::fs::write(place.data(), "in the way").unwrap();
    let said = place.bad(&["migrate"]);
    assert!(said.contains("--data-dir"), "{said}");
}

#[test]
fn the_doctor_says_what_is_fine_and_what_is_not() {
    let place = Place::new();
    assert!(place.good(&["doctor"]).contains("there is none yet"));
    assert!(!place.data().exists(), "looking made something");
    place.good(&["demo"]);
    let said = place.good(&["doctor"]);
    for about in ["config", "data folder", "disk", "key", "clock", "database", "migrations", "seals"] {
        assert!(said.contains(&format!("ok     {about}")), "{about}: {said}");
    }
    std::fs::write(place.data().join("countersign.key"), "rubbish").unwrap();
    let said = place.bad(&["doctor"]);
    assert!(said.contains("WRONG  key"), "{said}");
    std::fs::remove_file(place.data().join("countersign.key")).unwrap();
    let said = place.bad(&["doctor"]);
    assert!(said.contains("is gone, and this database was opened with a key before"), "{said}");
    damage(&place.data().join("countersign.db"));
    assert!(place.bad(&["doctor"]).contains("WRONG"));
    // Where the server could not begin, the doctor says so.
    let nowhere = place.bad(&["doctor", "--config", "/dev/null", "--database-url", "mysql://x"]);
    assert!(nowhere.contains("has to begin with sqlite:// or postgres://"), "{nowhere}");
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["doctor", "--data-dir", "/proc/countersign/data"])
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("WRONG  data folder") && said.contains("cannot be made"), "{said}");
}

#[test]
fn what_is_wrong_with_a_value_is_named() {
    let place = Place::new();
    place.good(&["demo"]);
    let said = place.bad(&["person", "invite", "x@", "--name", "X", "--roles", "admn", "--zone", "Mars/X"]);
    for (field, word) in [("email", "address"), ("roles", "admn"), ("zone", "time zone")] {
        let line = said.lines().find(|line| line.trim_start().starts_with(field));
        assert!(line.is_some_and(|line| line.contains(word)), "{field}: {said}");
    }
    let file = place.0.path().join("c.toml");
    std::fs::write(&file, "require-two-step = \"maybe\"").unwrap();
    let said = place.bad(&["doctor", "--config", &file.display().to_string()]);
    assert!(said.contains("true or false"), "{said}");
    assert!(place.bad(&["serve", "--timeout-s", "0"]).contains("--timeout-s"));
}

#[test]
fn a_database_that_is_held_or_newer_is_said_in_words() {
    let place = Place::new();
    place.good(&["demo"]);
    let file = place.data().join("countersign.db");
    let rt = tokio::runtime::Runtime::new().unwrap();
    rt.block_on(async {
        let url = format!("sqlite://{}", file.display());
        let mut holder = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 8").execute(&mut holder).await.unwrap();
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut holder).await.unwrap();
        let said = place.bad(&["migrate"]);
        assert!(said.contains("another program holds the database"), "{said}");
        let said = place.bad(&["doctor"]);
        assert!(said.contains("WRONG  writing"), "{said}");
        sqlx::query("ROLLBACK").execute(&mut holder).await.unwrap();
        sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 7")
            .execute(&mut holder)
            .await
            .unwrap();
    });
    assert!(place.bad(&["migrate"]).contains("a newer version of Countersign has been here"));
}

fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xAA);
    std::fs::write(file, bytes).unwrap();
}

fn example(name: &str) -> String {
    format!("{}/../workflows/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_definition_is_checked_and_tried_without_a_server() {
    let place = Place::new();
    let file = example("invoice-check.yaml");
    assert!(place.good(&["workflow", "check", &file]).contains("invoice-check is fine, 4 steps"));
    let sample = example("samples/invoice-check.json");
    let told = place.good(&["workflow", "test", &file, "--input", &sample]);
    assert!(
        told.contains("no_order") && told.contains("skipped") && told.contains("accounts payable"),
        "{told}"
    );
    let json = place.good(&["workflow", "test", &file, "--input", &sample, "--json"]);
    let trace: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(trace["steps"][0]["state"], "success");
    assert!(!place.data().exists(), "something was made");

    let wrong = place.0.path().join("wrong.yaml");
    std::fs::write(&wrong, "name: wrong\nsteps:\n  a: {needs: b, rule: {set: {x: 1 +}}}\n").unwrap();
    let said = place.bad(&["workflow", "check", wrong.to_str().unwrap(), &file]);
    assert!(
        said.contains("wrong.yaml:3:") && said.contains("no step “b”") && said.contains("not an expression"),
        "{said}"
    );
    assert!(said.contains("is fine"), "a wrong file hid a right one: {said}");

    let unfit = place.0.path().join("unfit.json");
    std::fs::write(&unfit, r#"{"supplier": "", "total_cents": 1}"#).unwrap();
    let said = place.bad(&["workflow", "test", &file, "--input", unfit.to_str().unwrap()]);
    assert!(said.contains("/supplier") && said.contains("lines"), "{said}");
    std::fs::write(&unfit, r#"{"supplier": "x", "total_cents": 1, "lines": [{"text": "r", "cents": -1}]}"#)
        .unwrap();
    let refused = place.run(&["workflow", "test", &file, "--input", unfit.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn definitions_are_applied_from_the_command_line() {
    let place = Place::new();
    place.good(&["migrate"]);
    let file = example("invoice-check.yaml");
    assert!(place.good(&["workflow", "apply", &file, "--dry-run"]).contains("would be new"));
    assert_eq!(place.good(&["workflow", "list"]), "");
    assert!(place.good(&["workflow", "apply", &file]).contains("is new, with version 1"));
    assert!(place.good(&["workflow", "apply", &file]).contains("says this already"));
    let changed = place.0.path().join("changed.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&changed, text.replace("500000", "900000")).unwrap();
    let said = place.good(&["workflow", "apply", changed.to_str().unwrap()]);
    assert!(said.contains("+        has_large_line") && said.contains("has version 2"), "{said}");
    assert!(place.good(&["workflow", "list"]).contains("invoice-check\t2\tInvoice check"));
    assert_eq!(place.good(&["workflow", "show", "invoice-check", "--version", "1"]), text);
    assert!(place.good(&["workflow", "show", "invoice-check"]).contains("900000"));
    assert!(place.good(&["workflow", "pause", "invoice-check", "--why", "Prices"]).contains("is paused"));
    assert!(place.bad(&["workflow", "pause", "invoice-check"]).contains("paused already"));
    assert!(place.good(&["workflow", "resume", "invoice-check"]).contains("goes on"));
    // One that is wrong keeps all of them out.
    let wrong = place.0.path().join("wrong.yaml");
    std::fs::write(&wrong, "name: wrong\n").unwrap();
    assert!(place.bad(&["workflow", "apply", &file, wrong.to_str().unwrap()]).contains("needs “steps”"));
}

#[test]
fn models_and_prompts_are_applied_before_the_workflows_that_name_them() {
    let place = Place::new();
    place.good(&["migrate"]);
    let files = ["customer-triage.yaml", "models/desk-reader.yaml", "prompts/sort-message.yaml"].map(example);
    let [workflow, model, prompt] = files.each_ref().map(String::as_str);
    let checked = place.good(&["workflow", "check", workflow, model, prompt]);
    assert!(checked.contains("desk-reader is fine, a model") && checked.contains("a prompt"), "{checked}");
    let dry = place.good(&["workflow", "apply", workflow, model, prompt, "--dry-run"]);
    assert!(dry.contains("customer-triage would take models or prompts that are applied with it"), "{dry}");
    let alone = place.bad(&["workflow", "apply", workflow]);
    assert!(alone.contains("asks the model desk-reader, which there is not"), "{alone}");
    let applied = place.good(&["workflow", "apply", workflow, model, prompt]);
    assert!(applied.contains("customer-triage is new, with version 1"), "{applied}");

    // The same without a word, but with a newer prompt.
    let newer = place.0.path().join("prompt.yaml");
    let text = std::fs::read_to_string(prompt).unwrap();
    std::fs::write(&newer, text.replace("two sentences", "one sentence")).unwrap();
    place.good(&["workflow", "apply", newer.to_str().unwrap()]);
    let said = place.good(&["workflow", "apply", workflow]);
    assert!(said.contains("+# sort asks desk-reader@1 with sort-message@2"), "{said}");
    assert!(said.contains("customer-triage has version 2"), "{said}");
}

#[test]
fn a_definition_is_tried_out_with_the_models_that_are_named() {
    let place = Place::new();
    let workflow = example("customer-triage.yaml");
    let with = ["models/desk-reader.yaml", "prompts/sort-message.yaml"].map(example).join(",");
    let sample = example("samples/customer-triage.json");
    let test = ["workflow", "test", &workflow, "--input", &sample, "--with", &with];
    // Nobody answers there: the item fails, and it is said why.
    let away =
        [&test[..], &["--model-url", "desk-reader=http://127.0.0.1:9/v1", "--allow-private", "127.0.0.1"]];
    let output = place.run(&away.concat());
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("sort: There is no connection"), "{told}");
    let private = place.run(&[&test[..], &["--model-url", "desk-reader=http://127.0.0.1:9/v1"]].concat());
    assert!(String::from_utf8_lossy(&private.stdout).contains("--allow-private 127.0.0.1"));
    assert!(place.bad(&test[..5]).contains("--with"), "without its models");
    for wrong in ["desk-reader", "Desk=http://x", "desk-reader=x"] {
        place.bad(&[&test[..], &["--model-url", wrong]].concat());
    }
}

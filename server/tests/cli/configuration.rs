//! What is wrong with a configuration, a folder or a database is said in words.

use std::path::Path;
use std::process::Command;

use sqlx::{Connection, SqliteConnection};

use crate::Place;

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
fn the_doctor_finds_what_is_damaged_and_what_is_missing() {
    let place = Place::new();
    place.good(&["demo"]);
    assert!(place.good(&["doctor"]).contains("ok     data"));
    let file = place.data().join("countersign.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut conn = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        let last = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
        sqlx::query(last).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    });
    let said = place.bad(&["doctor"]);
    assert!(said.contains("WRONG  migrations") && said.contains("countersign migrate"), "{said}");

    let damaged = Place::new();
    damaged.good(&["demo"]);
    damage(&damaged.data().join("countersign.db"), 60);
    let said = damaged.bad(&["doctor"]);
    assert!(said.contains("WRONG  data ") && said.contains("Restore a backup"), "{said}");
    damage(&damaged.data().join("countersign.db"), 1_000);
    let said = damaged.bad(&["doctor"]);
    assert!(said.contains("WRONG  database") && said.contains("Restore a backup"), "{said}");
}

#[test]
fn the_doctor_looks_at_what_only_serve_is_told() {
    let place = Place::new();
    place.good(&["demo"]);
    let file = place.0.path().join("c.toml");
    for (line, about) in [
        ("listen = \"everywhere\"", "everywhere"),
        ("timeout-s = 0", "timeout-s"),
        ("site-dir = \"/nowhere\"", "/nowhere"),
    ] {
        std::fs::write(&file, line).unwrap();
        let said = place.bad(&["doctor", "--config", file.to_str().unwrap()]);
        assert!(said.contains("WRONG  serve") && said.contains(about), "{line}: {said}");
    }
    assert!(place.good(&["doctor"]).contains("ok     serve"));
}

#[test]
fn the_doctor_and_a_backup_on_postgresql_say_what_is_there() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let fresh = engine::testing::TestDb::empty_postgres().await;
        let place = Place::new();
        let said = place.bad(&["doctor", "--database-url", &fresh.url]);
        assert!(said.contains("ok     clocks") && said.contains("WRONG  migrations"), "{said}");
        place.good(&["migrate", "--database-url", &fresh.url]);
        let said = place.good(&["doctor", "--database-url", &fresh.url]);
        assert!(said.contains("postgres answers") && said.contains("ok     migrations"), "{said}");
        let copy = place.0.path().join("copy.db");
        let said = place.bad(&["backup", copy.to_str().unwrap(), "--database-url", &fresh.url]);
        assert!(said.contains("pg_dump"), "{said}");
        fresh.drop_it().await;
    });
}

#[test]
fn the_environment_names_the_file_and_wins_over_it() {
    let place = Place::new();
    place.good(&["demo"]);
    let file = place.0.path().join("c.toml");
    std::fs::write(&file, "base-url = \"https://file.example\"").unwrap();
    let doctor = |more: &[(&str, &str)]| {
        let mut command = place.command(&["doctor"]);
        command.env("COUNTERSIGN_CONFIG", &file).envs(more.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(doctor(&[]).contains("links begin with https://file.example"), "{}", doctor(&[]));
    let said = doctor(&[("COUNTERSIGN_BASE_URL", "https://environment.example")]);
    assert!(said.contains("links begin with https://environment.example"), "{said}");
}

#[test]
fn the_log_is_lines_of_json_where_that_is_asked_for() {
    let place = Place::new();
    let args = ["--log-format", "json", "--log", "debug", "demo"];
    let output = place.run(&args);
    assert!(output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.lines().count() > 0, "nothing was logged");
    for line in text.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
}

#[test]
fn the_help_names_every_scope() {
    let help = Place::new().good(&["token", "create", "--help"]);
    for scope in domain::people::Scope::ALL {
        assert!(help.contains(scope.word()), "{scope} is not in: {help}");
    }
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

/// So many of the last pages of the file.
fn damage(file: &Path, pages: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    let from = bytes.len().saturating_sub(pages * 4_096).max(4_096);
    bytes[from..].fill(0xAA);
    std::fs::write(file, bytes).unwrap();
}

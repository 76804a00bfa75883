//! People, their tokens and what they did.

use std::io::Write;
use std::process::Stdio;

use crate::Place;

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

//! The server starts, waits and stops.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{Place, stop};

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
fn a_server_for_every_address_is_named_by_one_that_a_browser_can_open() {
    let place = Place::new();
    let (child, line) = place.serve(&["--listen", "0.0.0.0:0"], "Countersign is at");
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    stop(child);
}

#[test]
fn a_server_that_nobody_listens_to_goes_on() {
    let place = Place::new();
    // Whoever started it hangs up after the first of several lines.
    let (child, _) = place.serve(&["--demo"], "Countersign is at");
    let copy = place.0.path().join("copy.db");
    assert!(place.good(&["backup", copy.to_str().unwrap()]).contains("holds a copy"));
    assert_eq!(stop(child), 0);
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
fn one_process_serves_and_another_one_works() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fresh = runtime.block_on(engine::testing::TestDb::empty_postgres());
    let place = Place::new();
    let database = ["--database-url", fresh.url.as_str(), "--key", &"5c".repeat(32)];
    let (serving, _) = place.serve(&[&["--demo", "--workers", "0"], &database[..]].concat(), "annotator");
    let states = || {
        let read = async {
            let db = engine::db::Db::open(&engine::db::DbOptions::new(&fresh.url)).await.unwrap();
            let engine::db::Db::Postgres(pool) = &db else { panic!("not PostgreSQL") };
            let sql = "SELECT state FROM run WHERE workflow_id IN (SELECT id FROM workflow WHERE name = 'invoice-check')";
            let states: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.unwrap();
            db.close().await;
            states
        };
        runtime.block_on(read)
    };
    std::thread::sleep(Duration::from_secs(1));
    let waiting = states();
    assert!(!waiting.is_empty() && waiting.iter().all(|state| state == "pending"), "{waiting:?}");
    let mut working = place.command(&[&["work"], &database[..]].concat());
    let working = working.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while states().iter().any(|state| state == "pending" || state == "running") {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody works: {:?}", states());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!((stop(working), stop(serving)), (0, 0));
    runtime.block_on(fresh.drop_it());
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

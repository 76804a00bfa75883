//! `kill -9` in the middle of writing: what was acknowledged is there afterwards.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::*;
use crate::db::DbOptions;

const CHILD: &str = "db::tests::kill::child_that_writes_until_it_is_killed";

/// Not a test of its own: the test below runs it in a process that it then kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by acknowledged_rows_survive_kill_9 in a process of its own"]
async fn child_that_writes_until_it_is_killed() {
    let (Ok(url), Ok(round)) = (std::env::var("KILL_URL"), std::env::var("KILL_ROUND")) else { return };
    let db = Db::open(&DbOptions::new(url)).await.unwrap();
    for writer in 0..16 {
        let (db, round) = (db.clone(), round.clone());
        tokio::spawn(async move {
            for n in 0.. {
                let key = format!("{round}-{writer}-{n}");
                put(&db, &key).await.unwrap();
                // One write call, so that a line is printed whole or not at all.
                std::io::stdout().write_all(format!("ack {key}\n").as_bytes()).unwrap();
            }
        });
    }
    tokio::time::sleep(Duration::from_mins(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_rows_survive_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("kill.db").display());
    let db = Db::open(&DbOptions::new(&url)).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;

    let mut acknowledged = Vec::new();
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--ignored", "--nocapture"])
            .env("KILL_URL", &url)
            .env("KILL_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("ack ").map(str::to_owned))
                .collect()
        });
        std::thread::sleep(Duration::from_millis(150 + 37 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let round: Vec<String> = reader.join().unwrap();
        acknowledged.extend(round);
    }
    assert!(acknowledged.len() > 100, "only {} rows were written", acknowledged.len());

    let db = Db::open(&DbOptions::new(&url)).await.unwrap();
    let kept: std::collections::HashSet<_> = keys(&db).await.into_iter().collect();
    let lost: Vec<_> = acknowledged.iter().filter(|key| !kept.contains(*key)).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged rows were lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
    assert!(db.self_check().await.unwrap().is_empty());
}

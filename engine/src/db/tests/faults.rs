//! Errors that end the physical transaction.

use super::*;
use crate::db::Trouble;
use crate::testing::TestDb;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_every_waiter_and_acknowledges_none() {
    let fresh = TestDb::sqlite().await;
    let db = &fresh.db;
    put(db, "before").await.unwrap();
    fresh.leave_pages(2).await;

    // Small ones that would fit and one that does not, all in one physical transaction: the seat is held until
    // everybody queues for it, and the large one comes last.
    let seat = db.begin().await.unwrap();
    let writers: Vec<_> = (0..6)
        .map(|n| {
            let db = db.clone();
            let key = if n == 5 { "x".repeat(100_000) } else { format!("small {n}") };
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(n * 20)).await;
                put(&db, &key).await
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(seat);

    let mut acknowledged = Vec::new();
    let mut full = 0;
    for (n, writer) in writers.into_iter().enumerate() {
        match writer.await.unwrap() {
            Ok(()) => acknowledged.push(format!("small {n}")),
            Err(error) => {
                full += usize::from(error.trouble() == Trouble::Full || matches!(error, DbError::Lost(_)));
            }
        }
    }
    assert!(full >= 1, "nothing met the full disk");
    let kept = keys(db).await;
    assert!(acknowledged.iter().all(|key| kept.contains(key)), "an acknowledged row is missing");
    assert_eq!(kept.len(), 1 + acknowledged.len(), "a row was kept that was not acknowledged");

    // With room again, the same database goes on.
    fresh.leave_pages(10_000).await;
    put(db, "after").await.unwrap();
    assert!(keys(db).await.contains(&"after".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_outside_a_transaction_that_ended_under_it() {
    let fresh = TestDb::sqlite().await;
    let db = &fresh.db;
    fresh.fill().await;
    let mut tx = db.begin().await.unwrap();
    let full = run_tx!(tx, insert!("x".repeat(100_000))).unwrap_err();
    assert_eq!(full.trouble(), Trouble::Full);
    // The caller forgets to look, and goes on.
    let next = run_tx!(tx, insert!("stray")).unwrap_err();
    assert!(matches!(next, DbError::GivenUp), "{next}");
    assert!(matches!(tx.commit().await, Err(DbError::GivenUp)));
    settle(db).await;
    assert!(keys(db).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_locked_by_another_program_is_called_busy() {
    use sqlx::{ConnectOptions, Connection, Executor};
    let fresh = TestDb::sqlite().await;
    let Db::Sqlite(sqlite) = &fresh.db else { unreachable!() };
    let mut other =
        sqlx::sqlite::SqliteConnectOptions::new().filename(sqlite.path()).connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(put(&fresh.db, "x").await.unwrap_err().trouble(), Trouble::Busy);
    other.execute("ROLLBACK").await.unwrap();
    other.close().await.unwrap();
    put(&fresh.db, "y").await.unwrap();
    assert_eq!(keys(&fresh.db).await, ["y"]);
}

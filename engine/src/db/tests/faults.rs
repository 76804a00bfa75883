//! Errors that end the physical transaction.

use super::*;
use crate::db::Trouble;
use crate::testing::TestDb;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_every_waiter_and_acknowledges_none() {
    let fresh = TestDb::sqlite_lingering(Duration::from_mins(1)).await;
    let db = &fresh.db;
    put(db, "before").await.unwrap();
    fresh.leave_pages(2).await;

    // Five that fit and then one that does not. The seat is held until all of them queue for it, so they share one
    // physical transaction, and the five wait for the disk when the sixth meets its fault.
    let seat = db.begin().await.unwrap();
    let mut writers = Vec::new();
    for n in 0..6 {
        let key = if n == 5 { "x".repeat(100_000) } else { format!("small {n}") };
        let other = db.clone();
        writers.push(tokio::spawn(async move { put(&other, &key).await }));
        until_queued(db, n + 1).await;
    }
    drop(seat);

    for (n, writer) in writers.into_iter().enumerate() {
        let error = writer.await.unwrap().expect_err("somebody was acknowledged");
        // Those who did nothing wrong hear why, too.
        assert_eq!(error.trouble(), Trouble::Full, "{n}: {error}");
        assert_eq!(matches!(error, DbError::Lost(_)), n < 5, "{n}: {error}");
    }
    settle(db).await;
    assert_eq!(keys(db).await, ["before"], "what was not acknowledged was kept");

    // With room again, the same database goes on.
    fresh.leave_pages(10_000).await;
    put(db, "after").await.unwrap();
    assert!(keys(db).await.contains(&"after".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_physical_transaction_that_ended_unnoticed_acknowledges_nobody() {
    let fresh = TestDb::sqlite_lingering(Duration::from_mins(1)).await;
    let db = &fresh.db;
    let mut first = db.begin().await.unwrap();
    run_tx!(first, insert!("first")).unwrap();
    let second = tokio::spawn({
        let db = db.clone();
        async move {
            let mut tx = db.begin().await?;
            // As if SQLite had rolled back and told nobody: what follows runs outside of any transaction.
            run_tx!(tx, sqlx::query("ROLLBACK"))?;
            let stray = run_tx!(tx, insert!("stray"));
            assert!(stray.is_err(), "a stray statement was kept");
            tx.commit().await
        }
    });
    until_queued(db, 1).await;
    let third = tokio::spawn({
        let db = db.clone();
        async move { put(&db, "third").await }
    });
    until_queued(db, 2).await;
    for ended in [first.commit().await, second.await.unwrap(), third.await.unwrap()] {
        assert!(matches!(ended, Err(DbError::Lost(_))), "{ended:?}");
    }
    put(db, "after").await.unwrap();
    assert_eq!(keys(db).await, ["after"]);
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

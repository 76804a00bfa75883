//! Sharing commits: who is acknowledged is on disk, who fails fails alone.

use super::*;
use crate::testing::{TestDb, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_at_once_all_arrive() {
    on_both(async |db| {
        let writers: Vec<_> = (0..200)
            .map(|n| {
                let db = db.clone();
                tokio::spawn(async move { put(&db, &format!("{n:03}")).await })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        assert_eq!(keys(&db).await.len(), 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_fails_rolls_back_alone() {
    on_both(async |db| {
        put(&db, "taken").await.unwrap();
        let writers: Vec<_> = (0..60)
            .map(|n| {
                let db = db.clone();
                tokio::spawn(async move {
                    let mut tx = db.begin().await?;
                    run_tx!(tx, insert!(format!("{n:02}")))?;
                    if n % 3 == 0 {
                        // Breaks the unique constraint, after a first statement that was fine.
                        run_tx!(tx, insert!("taken"))?;
                    }
                    tx.commit().await
                })
            })
            .collect();
        let mut failed = 0;
        for writer in writers {
            if let Err(error) = writer.await.unwrap() {
                assert!(error.is_taken(), "{error}");
                failed += 1;
            }
        }
        assert_eq!((failed, keys(&db).await.len()), (20, 41));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_leaves_no_trace_and_no_lock() {
    on_both(async |db| {
        for n in 0..10 {
            let mut tx = db.begin().await.unwrap();
            run_tx!(tx, insert!(format!("{n}"))).unwrap();
            drop(tx);
        }
        put(&db, "kept").await.unwrap();
        assert_eq!(keys(&db).await, ["kept"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_futures_leave_the_connection_clean() {
    on_both(async |db| {
        // Each is cancelled at another moment: while it queues, begins, inserts, or waits for the disk.
        for delay in 0..150 {
            let work = async {
                let mut tx = db.begin().await?;
                run_tx!(tx, insert!(format!("a{delay}")))?;
                run_tx!(tx, insert!(format!("b{delay}")))?;
                tx.commit().await
            };
            let key = format!("n{delay}");
            let neighbour = put(&db, &key);
            let cancelled = tokio::time::timeout(Duration::from_micros(delay * 30), work);
            let (_, neighbour) = tokio::join!(cancelled, neighbour);
            neighbour.unwrap();
        }
        settle(&db).await;
        let keys = keys(&db).await;
        let of =
            |letter: char| -> Vec<&str> { keys.iter().filter_map(|key| key.strip_prefix(letter)).collect() };
        assert_eq!(of('a'), of('b'), "half a transaction was kept");
        assert_eq!(of('n').len(), 150, "a neighbour was lost");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_goes_through_even_if_nobody_waits_for_it() {
    let fresh = TestDb::sqlite().await;
    let mut tx = fresh.db.begin().await.unwrap();
    run_tx!(tx, insert!("kept")).unwrap();
    {
        let mut commit = std::pin::pin!(tx.commit());
        // Polled once, then dropped: from the first poll on the commit is under way.
        assert!(
            std::future::poll_fn(|cx| std::task::Poll::Ready(commit.as_mut().poll(cx))).await.is_pending()
        );
    }
    settle(&fresh.db).await;
    assert_eq!(keys(&fresh.db).await, ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_never_sees_half_a_transaction() {
    on_both(async |db| {
        let writer = {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0..100 {
                    let mut tx = db.begin().await.unwrap();
                    for half in ["a", "b"] {
                        run_tx!(tx, insert!(format!("{half}{n}"))).unwrap();
                        tokio::task::yield_now().await;
                    }
                    tx.commit().await.unwrap();
                }
            })
        };
        while !writer.is_finished() {
            let seen = keys(&db).await.len();
            assert_eq!(seen % 2, 0, "a reader saw {seen} rows of pairs");
        }
        writer.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn readers_cannot_write() {
    let fresh = TestDb::sqlite().await;
    let written = on_db!(&fresh.db, c => insert!("x").execute(c).await.map(drop));
    assert!(written.unwrap_err().to_string().contains("readonly"), "a reader wrote");
}

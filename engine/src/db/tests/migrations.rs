use super::*;
use crate::db::{DbOptions, MigrationState};
use crate::testing::{TestDb, on_both};

#[tokio::test]
async fn a_migrated_database_is_current() {
    on_both(async |db| assert_eq!(db.migration_state().await.unwrap(), MigrationState::Current)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_may_migrate_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("new.db").display());
    let postgres = TestDb::empty_postgres().await;
    for url in [sqlite, postgres.url.clone()] {
        let servers: Vec<_> = (0..4)
            .map(|_| {
                let options = DbOptions::new(&url);
                tokio::spawn(async move {
                    let db = Db::open(&options).await.unwrap();
                    db.migrate().await.unwrap();
                    db.migration_state().await.unwrap()
                })
            })
            .collect();
        for server in servers {
            assert_eq!(server.await.unwrap(), MigrationState::Current);
        }
    }
    postgres.drop_it().await;
}

#[tokio::test]
async fn a_new_database_is_behind() {
    let fresh = TestDb::empty_postgres().await;
    assert!(matches!(fresh.db.migration_state().await.unwrap(), MigrationState::Behind(n) if n > 0));
    fresh.drop_it().await;
}

#[tokio::test]
async fn a_copy_is_whole_while_others_write() {
    let fresh = TestDb::sqlite().await;
    put(&fresh.db, "one").await.unwrap();
    let writing = tokio::spawn({
        let db = fresh.db.clone();
        async move {
            for n in 0.. {
                let mut tx = db.begin().await.unwrap();
                run_tx!(tx, insert!(format!("left {n}"))).unwrap();
                run_tx!(tx, insert!(format!("right {n}"))).unwrap();
                tx.commit().await.unwrap();
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let mut sizes = Vec::new();
    for n in 0..5 {
        let before = keys(&fresh.db).await.len();
        let copy = folder.path().join(format!("copy-{n}.db"));
        assert!(fresh.db.copy_to(&copy).await.unwrap());
        let copied = Db::open(&DbOptions::new(format!("sqlite://{}", copy.display()))).await.unwrap();
        let keys = keys(&copied).await;
        let of = |side: &str| keys.iter().filter(|key| key.starts_with(side)).count();
        assert_eq!(of("left"), of("right"), "half of a transaction was copied");
        assert!(keys.len() >= before && keys.contains(&"one".to_owned()), "something was left out");
        sizes.push(keys.len());
    }
    assert!(sizes.first() < sizes.last(), "nobody wrote meanwhile: {sizes:?}");
    writing.abort();
}

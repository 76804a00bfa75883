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
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    assert!(fresh.db.copy_to(&copy).await.unwrap());
    let copied = Db::open(&DbOptions::new(format!("sqlite://{}", copy.display()))).await.unwrap();
    assert_eq!(keys(&copied).await, ["one"]);
}

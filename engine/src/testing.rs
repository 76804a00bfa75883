//! Databases for tests: fresh, migrated, of both kinds, and gone afterwards.
//!
//! PostgreSQL is found by `COUNTERSIGN_TEST_POSTGRES`, which `cargo xtask test` sets to a private cluster. Without it
//! a test fails with that advice: a store test that ran on one engine only has not run.

#[cfg(test)]
pub mod house;
#[cfg(test)]
pub mod mail_server;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::db::{Db, DbOptions};
use crate::mail::Mailer;
use crate::payee::Payees;
use crate::people::{Hasher, People, Policy};
use crate::seal::Seal;
use crate::world::World;
use crate::{on_tx, run_tx};

/// A database of a test's own.
pub struct TestDb {
    pub db: Db,
    pub url: String,
    name: Option<String>,
    _folder: Option<TempDir>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// Runs the same test on a fresh database of each kind.
pub async fn on_both<F, Fut>(test: F)
where
    F: Fn(Db) -> Fut,
    Fut: Future<Output = ()>,
{
    for fresh in [TestDb::sqlite().await, TestDb::postgres().await] {
        println!("on {}", fresh.db.engine());
        test(fresh.db.clone()).await;
        fresh.drop_it().await;
    }
}

impl TestDb {
    pub async fn sqlite() -> Self {
        Self::sqlite_with(|_| ()).await
    }

    /// On SQLite, where those who share a commit wait for so long for more to come.
    pub async fn sqlite_lingering(linger: Duration) -> Self {
        Self::sqlite_with(|options| options.linger = linger).await
    }

    async fn sqlite_with(change: impl FnOnce(&mut DbOptions)) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let mut options = DbOptions::new(&url);
        change(&mut options);
        let db = Db::open(&options).await.expect("a new SQLite file opens");
        db.migrate().await.expect("a new database migrates");
        Self { db, url, name: None, _folder: Some(folder) }
    }

    pub async fn postgres() -> Self {
        // Every test copies one migrated template, which is much faster than migrating.
        let template = TEMPLATE
            .get_or_init(|| async {
                let name = new_name("template");
                admin(&format!("CREATE DATABASE {name}")).await;
                let db = Db::open(&DbOptions::new(url_of(&name))).await.expect("the template opens");
                db.migrate().await.expect("the template migrates");
                db.close().await;
                name
            })
            .await;
        let name = new_name("test");
        admin(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let url = url_of(&name);
        let db = Db::open(&DbOptions::new(&url)).await.expect("the copy opens");
        Self { db, url, name: Some(name), _folder: None }
    }

    /// Without any table.
    pub async fn empty_postgres() -> Self {
        let name = new_name("empty");
        admin(&format!("CREATE DATABASE {name}")).await;
        let url = url_of(&name);
        let db = Db::open(&DbOptions::new(&url)).await.expect("an empty database opens");
        Self { db, url, name: Some(name), _folder: None }
    }

    /// As if the disk were full: the file may not grow any more. SQLite only.
    pub async fn fill(&self) {
        self.leave_pages(0).await;
    }

    /// As if there were room for a few pages more on the disk.
    pub async fn leave_pages(&self, more: i64) {
        let mut tx = self.db.begin().await.expect("begin");
        let pages: i64 =
            on_tx!(tx, c => sqlx::query_scalar("PRAGMA page_count").fetch_one(c).await).expect("pages");
        let limit = format!("PRAGMA max_page_count = {}", pages + more);
        on_tx!(tx, c => sqlx::query(&limit).fetch_one(c).await.map(drop)).expect("a limit");
        tx.commit().await.expect("commit");
    }

    /// As if the server had been restarted: every connection to this database breaks. PostgreSQL only.
    pub async fn cut_connections(&self) {
        if let Some(name) = &self.name {
            admin(&format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ))
            .await;
        }
    }

    pub async fn drop_it(self) {
        self.db.close().await;
        if let Some(name) = &self.name {
            admin(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

fn new_name(kind: &str) -> String {
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    format!("countersign_{kind}_{}_{count}", std::process::id())
}

fn server() -> String {
    std::env::var("COUNTERSIGN_TEST_POSTGRES")
        .expect("COUNTERSIGN_TEST_POSTGRES is not set: run the tests with `cargo xtask test db`")
}

fn url_of(name: &str) -> String {
    let server = server();
    let (base, _) = server.rsplit_once('/').expect("the URL names a database");
    format!("{base}/{name}")
}

async fn admin(sql: &str) {
    let mut conn = PgConnection::connect(&server()).await.expect("the test cluster answers");
    conn.execute(sql).await.expect(sql);
}

/// Changes something behind the back of the use cases.
pub async fn run(db: &Db, sql: &str) {
    let mut tx = db.begin().await.expect("begin");
    assert!(run_tx!(tx, sqlx::query(sql)).expect(sql) > 0, "{sql} changed nothing");
    tx.commit().await.expect("commit");
}

/// A clock that stands in the middle of a working day, and dice that always fall the same way.
pub fn staged_world() -> World {
    World::staged(DateTime::from_timestamp(1_790_000_000, 0).expect("a moment in 2026"), 7)
}

/// The people of a database, with hashing that costs nothing and no mail.
pub fn people_of(db: Db) -> People {
    people_with(db, false, Mailer::Off)
}

/// The same, where managers and admins need two steps.
pub fn guarded_people_of(db: Db) -> People {
    people_with(db, true, Mailer::Off)
}

/// The key of every test.
pub fn a_seal() -> Seal {
    Seal::from_hex(&"7a".repeat(32)).expect("a key")
}

/// The payees of a database, whose changes are held for two days, and no mail.
pub fn payees_of(db: Db, people: People) -> Payees {
    Payees::new(people, db, a_seal(), Mailer::Off, TimeDelta::hours(48))
}

/// The same, with mail.
pub fn people_with(db: Db, require_two_step: bool, mailer: Mailer) -> People {
    let seal = a_seal();
    let policy = Policy { base_url: "http://127.0.0.1:3000".to_owned(), require_two_step };
    People::new(db, Hasher::cheap(), seal, mailer, policy)
}

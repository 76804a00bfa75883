//! Bringing the database to the shape this program knows.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{ConnectOptions, Connection};

use super::open::lock_beside;
use super::{Db, DbError};
use crate::on_db;

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// How the database stands to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    Current,
    /// So many migrations have not been run yet.
    Behind(usize),
    /// A newer program has been here.
    Ahead,
}

impl Db {
    /// Runs what has not been run. Several servers may start at once: one migrates, the others wait for it.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        match self {
            Self::Sqlite(sqlite) => {
                // SQLite has no lock that outlives a transaction, so the file beside it serves as one.
                let lock = lock_beside(sqlite.path()).await.map_err(MigrateError::Execute)?;
                let migrated = sqlite.writer.migrate(&SQLITE).await;
                drop(lock);
                migrated
            }
            Self::Postgres(pool) => {
                // A connection of its own: building an index, or waiting for another server to have done it, may take
                // longer than any request may.
                let unhurried = pool.connect_options().as_ref().clone().options([("statement_timeout", "0")]);
                let mut conn = unhurried.connect().await?;
                // Takes an advisory lock for as long as it runs.
                POSTGRES.run_direct(&mut conn).await?;
                Ok(conn.close().await?)
            }
        }
    }

    pub async fn migration_state(&self) -> Result<MigrationState, DbError> {
        let known = match self {
            Self::Sqlite(_) => &SQLITE,
            Self::Postgres(_) => &POSTGRES,
        };
        let run: Result<Vec<i64>, _> = on_db!(self, c => sqlx::query_scalar(
            "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version"
        ).fetch_all(c).await);
        // Before the first migration there is no table to ask.
        let run = match run {
            Ok(run) => run,
            Err(error) if error.is_missing_table() => Vec::new(),
            Err(error) => return Err(error),
        };
        let missing = known.iter().filter(|m| !run.contains(&m.version)).count();
        let foreign = run.iter().any(|version| !known.version_exists(*version));
        Ok(match (foreign, missing) {
            (true, _) => MigrationState::Ahead,
            (false, 0) => MigrationState::Current,
            (false, n) => MigrationState::Behind(n),
        })
    }
}

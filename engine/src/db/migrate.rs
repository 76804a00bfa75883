//! Bringing the database to the shape this program knows.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{ConnectOptions, Connection};

use super::error::trouble;
use super::open::lock_beside;
use super::{Db, DbError, Trouble};
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

/// Why a database was not migrated.
#[derive(Debug, thiserror::Error)]
pub enum NotMigrated {
    /// Somebody else writes and does not end.
    #[error(
        "another program holds the database; look which one it is, and stop it or wait until it has finished"
    )]
    Held,
    #[error("a newer version of Countersign has been here; use that version")]
    Newer,
    #[error(transparent)]
    Database(DbError),
    #[error(transparent)]
    Migration(MigrateError),
}

impl From<DbError> for NotMigrated {
    fn from(error: DbError) -> Self {
        if error.trouble() == Trouble::Busy { Self::Held } else { Self::Database(error) }
    }
}

impl From<sqlx::Error> for NotMigrated {
    fn from(error: sqlx::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<MigrateError> for NotMigrated {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::Newer,
            MigrateError::Execute(error) => error.into(),
            MigrateError::ExecuteMigration(error, _) if trouble(&error) == Trouble::Busy => Self::Held,
            other => Self::Migration(other),
        }
    }
}

impl Db {
    /// Runs what has not been run. Several servers may start at once: one migrates, the others wait for it.
    pub async fn migrate(&self) -> Result<(), NotMigrated> {
        match self {
            Self::Sqlite(sqlite) => {
                // SQLite has no lock that outlives a transaction, so the file beside it serves as one.
                let lock = lock_beside(sqlite.path()).await?;
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

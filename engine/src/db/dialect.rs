//! Where the two engines truly differ. Everything else is one SQL text.

use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::open::keep_private;
use super::rows::without_numbers;
use super::{Db, DbError, Tx};
use crate::world::World;

/// How SQLite says that a file is not what it should be.
const DAMAGED: &str = "11";

impl Db {
    /// Writes a consistent copy of an embedded database into a new file, while others go on reading and writing.
    /// Answers `false` on PostgreSQL, which brings better tools for this (`pg_dump`, base backups).
    pub async fn copy_to(&self, file: &Path) -> Result<bool, DbError> {
        match self {
            Self::Sqlite(sqlite) => {
                // `query_only` forbids VACUUM INTO although it only reads the database, hence a connection of its own.
                use sqlx::{ConnectOptions, Connection};
                let mut conn =
                    sqlx::sqlite::SqliteConnectOptions::new().filename(sqlite.path()).connect().await?;
                keep_private(file).map_err(sqlx::Error::Io)?;
                let copied =
                    sqlx::query("VACUUM INTO $1").bind(file.to_string_lossy()).execute(&mut conn).await;
                if let Err(error) = copied {
                    // Half a copy looks like a whole one.
                    if let Err(left) = std::fs::remove_file(file) {
                        tracing::warn!(error = %left, "what there was of the copy could not be removed");
                    }
                    return Err(error.into());
                }
                conn.close().await?;
                Ok(true)
            }
            Self::Postgres(_) => Ok(false),
        }
    }

    /// What time it is where the database is; nothing if that is here.
    pub async fn clock(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(pool) => {
                Ok(Some(sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(pool).await?))
            }
        }
    }

    /// Whether other servers may be working on the same database.
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Tells those who listen, on whatever server. On SQLite there is no other.
    pub async fn notify(&self, channel: &str) -> Result<(), DbError> {
        if let Self::Postgres(pool) = self {
            sqlx::query("SELECT pg_notify($1, '')").bind(channel).execute(pool).await?;
        }
        Ok(())
    }

    /// Does something whenever others notify, until the connection breaks. Where nobody could, this ends at once.
    pub async fn listen(&self, channel: &str, mut heard: impl FnMut()) -> Result<(), DbError> {
        let Self::Postgres(pool) = self else { return Ok(()) };
        // A connection of its own: those of the pool are for work.
        let options = pool.connect_options().as_ref().clone();
        let own = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen(channel).await?;
        loop {
            listener.recv().await?;
            heard();
        }
    }

    /// What the engine itself finds wrong with the data it keeps; nothing if all is well.
    pub async fn self_check(&self) -> Result<Vec<String>, DbError> {
        match self {
            Self::Sqlite(sqlite) => {
                let found = sqlx::query_scalar("PRAGMA quick_check").fetch_all(&sqlite.readers).await;
                let found: Vec<String> = match found {
                    // What is damaged enough cannot even be checked.
                    Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DAMAGED) => {
                        vec![error.message().to_owned()]
                    }
                    found => found?,
                };
                Ok(found.into_iter().filter(|line| line != "ok").collect())
            }
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }
}

impl Db {
    /// A statement with many placeholders, as this engine likes them.
    pub(crate) fn placed(&self, sql: String) -> String {
        match self {
            Self::Sqlite(_) => without_numbers(sql),
            Self::Postgres(_) => sql,
        }
    }
}

impl Tx {
    /// A statement with many placeholders, as this engine likes them.
    pub(crate) fn placed(&self, sql: String) -> String {
        match self {
            Self::Sqlite(_) => without_numbers(sql),
            Self::Postgres(_) => sql,
        }
    }

    /// What time it is for leases and due times. Several servers may share PostgreSQL, whose clock then goes for all of
    /// them; a clock that is staged goes for everybody.
    pub async fn clock(&mut self, world: &World) -> Result<DateTime<Utc>, DbError> {
        match self {
            Self::Postgres(tx) if !world.is_staged() => {
                Ok(sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut **tx).await?)
            }
            _ => Ok(world.now()),
        }
    }

    /// Ends a subquery that takes rows to work on: what another transaction has taken is passed over. On SQLite there is
    /// no other.
    pub const fn skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Ends a query whose rows of that table are to stay as they are until the transaction ends.
    pub fn for_update(&self, table: &str) -> String {
        match self {
            Self::Sqlite(_) => String::new(),
            Self::Postgres(_) => format!(" FOR UPDATE OF {table}"),
        }
    }
}

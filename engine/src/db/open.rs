//! Opening a database from its URL.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::time::Instant;

use super::group::Writer;
use super::{Db, DbError, Sqlite};

/// What a request may ask of PostgreSQL. Migrations are not held to it.
const STATEMENT_TIMEOUT: &str = "60s";

/// Where the database is and how much of it to use.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// `sqlite://path/to/file.db` or `postgres://…`.
    pub url: String,
    /// Connections to PostgreSQL, or readers of SQLite.
    pub connections: u32,
    /// How long to wait for a connection before saying that the database does not answer.
    pub wait: Duration,
    /// How long the first of those who share a commit on SQLite waits for more to join while they queue. Longer shares
    /// the fsync among more writers, shorter lets the first of them go sooner.
    pub linger: Duration,
    /// Whether an SQLite file that is not there is made.
    pub create: bool,
}

impl DbOptions {
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 16,
            wait: Duration::from_secs(5),
            linger: Duration::from_millis(2),
            create: true,
        }
    }

    /// The file, if this is SQLite.
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        let path = self.url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
    }
}

impl Db {
    pub async fn open(options: &DbOptions) -> Result<Self, DbError> {
        match options.sqlite_path() {
            Some(path) => open_sqlite(&path, options).await.map(Self::Sqlite),
            None => open_postgres(options).await,
        }
    }
}

async fn open_sqlite(path: &Path, options: &DbOptions) -> Result<Sqlite, DbError> {
    let file = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .statement_cache_capacity(256)
        // Rows come from a thread of their own: with few on their way at once, the two wait for each other all the time.
        .row_buffer_size(1_024);
    // Of several programs that meet a new file, one may turn write-ahead logging on at a time.
    if !options.create && !path.exists() {
        let message = format!("there is no database at {}", path.display());
        return Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::NotFound, message)).into());
    }
    let lock = lock_beside(path).await?;
    keep_private(path).map_err(sqlx::Error::Io)?;
    let writer = Writer::open(
        file.clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What a transaction would have to undo is kept until it ends: of a large one in a file, and not in memory.
            .pragma("temp_store", "file")
            .pragma("cache_size", "-32000")
            // Pages that change with many commits are copied into the file once.
            .pragma("wal_autocheckpoint", "4000"),
        options.linger,
    )
    .await?;
    drop(lock);
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.wait)
        // A file does not go away; asking it before every read would double the round trips to its thread.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(
            file.pragma("query_only", "on").pragma("temp_store", "memory").pragma("mmap_size", "67108864"),
        );
    Ok(Sqlite { readers, writer, path: Arc::from(path) })
}

/// Makes a new file that only its owner can read, and so can the files SQLite makes beside it. One that is there keeps
/// the rights it was given.
pub(super) fn keep_private(path: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// How long another program may hold what we need before we say who is waited for, and before we give up.
const WORTH_A_WORD: Duration = Duration::from_secs(2);
const TOO_LONG: Duration = Duration::from_mins(1);

/// A lock between programs, for what SQLite's own locks do not cover: a file beside the database, held until dropped.
pub(super) async fn lock_beside(database: &Path) -> Result<File, sqlx::Error> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    keep_private(&name)?;
    let file = File::options().write(true).open(&name)?;
    let since = Instant::now();
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error.into()),
            Err(TryLockError::WouldBlock) if since.elapsed() > TOO_LONG => {
                let message = format!(
                    "another program has held {} for over {} s; look which one, and stop it",
                    name.display(),
                    TOO_LONG.as_secs()
                );
                return Err(std::io::Error::new(std::io::ErrorKind::TimedOut, message).into());
            }
            Err(TryLockError::WouldBlock) => {
                if !said && since.elapsed() > WORTH_A_WORD {
                    said = true;
                    tracing::warn!(lock = %name.display(), "waiting for another program to open or migrate the database");
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn open_postgres(options: &DbOptions) -> Result<Db, DbError> {
    let server = PgConnectOptions::from_str(&options.url)?
        .application_name("countersign")
        .options([("statement_timeout", STATEMENT_TIMEOUT), ("idle_in_transaction_session_timeout", "60s")]);
    let pool = PgPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.wait)
        .connect_with(server)
        .await?;
    Ok(Db::Postgres(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_read_from_the_url() {
        let path = |url: &str| DbOptions::new(url).sqlite_path();
        assert_eq!(path("sqlite://data/countersign.db"), Some("data/countersign.db".into()));
        assert_eq!(path("sqlite:///var/lib/c.db?mode=rwc"), Some("/var/lib/c.db".into()));
        assert_eq!(path("postgres://localhost/c"), None);
    }
}

//! The database: embedded SQLite or PostgreSQL behind one type, one SQL text for both.
//!
//! Callers see [`Db::begin`], [`Tx::commit`] and two macros. `on_tx!` runs a statement inside a transaction, `on_db!`
//! reads outside of one; each puts the same sqlx expression into an arm per engine, so types stay full and nothing
//! is boxed. Where the engines truly differ, [`dialect`] says how.
//!
//! ```ignore
//! let mut tx = db.begin().await?;
//! let project: Project = on_tx!(tx, c => sqlx::query_as("SELECT * FROM project WHERE id = $1")
//!     .bind(id).fetch_one(c).await)?;
//! tx.commit().await?;
//! ```

pub mod dialect;
mod error;
mod group;
mod migrate;
mod open;
pub mod rows;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

pub use error::{DbError, Trouble};
pub use group::SqliteTx;
pub use migrate::{MigrationState, NotMigrated};
pub use open::DbOptions;
use sqlx::{PgPool, Postgres, SqlitePool, Transaction};

use self::group::Writer;

/// A handle on the database; cloning it is cheap.
#[derive(Clone)]
pub enum Db {
    Sqlite(Sqlite),
    Postgres(PgPool),
}

/// SQLite as we use it: many readers that cannot write, and one writer that shares its commits.
#[derive(Clone)]
pub struct Sqlite {
    pub readers: SqlitePool,
    writer: Arc<Writer>,
    path: Arc<Path>,
}

/// One transaction. Dropping it without a commit leaves no trace.
pub enum Tx {
    Sqlite(SqliteTx),
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    pub async fn begin(&self) -> Result<Tx, DbError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.writer.begin().await.map(Tx::Sqlite),
            Self::Postgres(pool) => Ok(Tx::Postgres(pool.begin().await?)),
        }
    }

    /// A round trip, for health checks.
    pub async fn ping(&self) -> Result<(), DbError> {
        let one: i64 =
            crate::on_db!(self, c => sqlx::query_scalar("SELECT CAST(1 AS BIGINT)").fetch_one(c).await)?;
        debug_assert_eq!(one, 1, "a database that cannot count");
        Ok(())
    }

    /// `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Lets go of every connection; on SQLite this also folds the write-ahead log back into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => {
                sqlite.readers.close().await;
                sqlite.writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Sqlite {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Tx {
    /// Returns when the transaction is on disk, and not before.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => Ok(tx.commit().await?),
        }
    }
}

/// Runs one sqlx expression inside a transaction: `on_tx!(tx, c => sqlx::query(…).execute(c).await)`.
#[macro_export]
macro_rules! on_tx {
    ($tx:expr, $c:ident => $run:expr) => {
        match &mut $tx {
            $crate::db::Tx::Sqlite(tx) => match tx.connection() {
                Ok($c) => {
                    let out = $run;
                    tx.watch(out)
                }
                Err(error) => Err(error),
            },
            $crate::db::Tx::Postgres(tx) => {
                let $c = &mut **tx;
                $run.map_err($crate::db::DbError::from)
            }
        }
    };
}

/// Runs a statement that answers nothing inside a transaction: `run_tx!(tx, sqlx::query(…).bind(…))`. Tells how many
/// rows it touched.
#[macro_export]
macro_rules! run_tx {
    ($tx:expr, $query:expr) => {
        $crate::on_tx!($tx, c => $query.execute(c).await.map(|done| done.rows_affected()))
    };
}

/// Reads outside a transaction: `on_db!(db, c => sqlx::query_as(…).fetch_all(c).await)`.
#[macro_export]
macro_rules! on_db {
    ($db:expr, $c:ident => $run:expr) => {
        match $db {
            $crate::db::Db::Sqlite(sqlite) => {
                let $c = &sqlite.readers;
                $run.map_err($crate::db::DbError::from)
            }
            $crate::db::Db::Postgres(pool) => {
                let $c = pool;
                $run.map_err($crate::db::DbError::from)
            }
        }
    };
}

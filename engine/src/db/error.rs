use std::sync::Arc;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

/// What can go wrong between us and the database.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    #[error("{0}")]
    Sql(Arc<sqlx::Error>),
    /// The commit this transaction shared with others did not happen; nothing of it was kept.
    #[error("the shared commit was lost: {0}")]
    Lost(Arc<sqlx::Error>),
    /// An earlier error inside this transaction may have ended it; what would follow must not run outside of it.
    #[error("the transaction was given up after an earlier error")]
    GivenUp,
    /// The single writer was held by somebody else for too long.
    #[error("the database was busy for too long")]
    Busy,
}

/// The kinds of trouble a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A unique constraint: somebody was first.
    Taken,
    /// Something it refers to does not exist, or is still referred to.
    Dangling,
    /// No space left.
    Full,
    /// Locked by somebody else; trying again makes sense.
    Busy,
    /// Not there at the moment.
    Away,
    Other,
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(Arc::new(error))
    }
}

impl DbError {
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Sql(error) | Self::Lost(error) => trouble(error),
            Self::GivenUp => Trouble::Other,
            Self::Busy => Trouble::Busy,
        }
    }

    /// What stands there is not what the column is for.
    pub fn is_unreadable(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        matches!(error.as_ref(), sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
    }

    pub fn is_taken(&self) -> bool {
        self.trouble() == Trouble::Taken
    }

    pub(super) fn is_missing_table(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        error.as_database_error().is_some_and(|error| {
            error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
        })
    }
}

pub(super) fn trouble(error: &sqlx::Error) -> Trouble {
    match error {
        sqlx::Error::Database(error) if error.is_unique_violation() => Trouble::Taken,
        sqlx::Error::Database(error) if error.is_foreign_key_violation() => Trouble::Dangling,
        sqlx::Error::Database(error) if error.try_downcast_ref::<PgDatabaseError>().is_some() => {
            match error.code().as_deref() {
                Some("53100") => Trouble::Full,
                // Locks, serialisation, deadlocks, and a statement that took too long.
                Some("55P03" | "40001" | "40P01" | "57014") => Trouble::Busy,
                // Shutting down or starting, no connection left, and a replica that takes no writes.
                Some("57P01" | "57P02" | "57P03" | "53300" | "25006") => Trouble::Away,
                _ => Trouble::Other,
            }
        }
        sqlx::Error::Database(error) => match sqlite_code(error.as_ref()) {
            Some(13) => Trouble::Full,
            Some(5 | 6) => Trouble::Busy,
            // READONLY, IOERR, CANTOPEN
            Some(8 | 10 | 14) => Trouble::Away,
            _ => Trouble::Other,
        },
        // A connection that ends in mid-answer is reported as a breach of the protocol.
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Trouble::Away,
        _ => Trouble::Other,
    }
}

/// SQLite's primary result code: the low byte of an extended one.
fn sqlite_code(error: &dyn DatabaseError) -> Option<i32> {
    error.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}

/// Whether SQLite may have rolled the whole physical transaction back on its own after this error.
/// See "Response To Errors Within A Transaction" in SQLite's documentation of transactions.
pub(super) fn may_end_transaction(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            // BUSY, NOMEM, INTERRUPT, IOERR, CORRUPT, FULL
            matches!(sqlite_code(error.as_ref()), Some(5 | 7 | 9 | 10 | 11 | 13))
        }
        sqlx::Error::RowNotFound
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::Encode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. } => false,
        _ => true,
    }
}

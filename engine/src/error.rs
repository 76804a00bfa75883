use domain::{Fault, FaultKind};

use crate::db::{DbError, Trouble};

/// What a use case can end with besides success. Only [`Error::Fault`] is meant for the person who asked; the rest is
/// for the operator, and becomes a plain sentence on the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("sealing: {0}")]
    Seal(&'static str),
    #[error("password hashing: {0}")]
    Hash(String),
    #[error("a background task ended unexpectedly: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error("serialising: {0}")]
    Json(#[from] serde_json::Error),
    #[error("export: {0}")]
    Export(String),
    #[error("mail: {0}")]
    Mail(String),
    #[error("calls to the outside: {0}")]
    Outbound(String),
    #[error("workflow: {0}")]
    Workflow(String),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Error {
    /// What the person is told. What only an operator should know stays behind; log it before calling this.
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Fault(fault) => fault,
            Self::Database(error) => match error.trouble() {
                Trouble::Full => Fault::new(
                    FaultKind::Full,
                    "The disk of the server is full. Nothing of this was saved; please tell whoever runs it.",
                ),
                Trouble::Busy => Fault::new(
                    FaultKind::Unavailable,
                    "The database is busy. Nothing of this was saved; please try again in a moment.",
                ),
                Trouble::Away => Fault::new(
                    FaultKind::Unavailable,
                    "The database does not answer at the moment. Nothing of this was saved; please try again soon.",
                ),
                Trouble::Taken => Fault::conflict("Somebody else was faster. Reload to see what changed."),
                Trouble::Dangling => {
                    Fault::conflict("Something this refers to is no longer there. Reload and try again.")
                }
                Trouble::Other => internal(),
            },
            _ => internal(),
        }
    }
}

fn internal() -> Fault {
    Fault::new(FaultKind::Internal, "Something went wrong on our side. Nothing of this was saved.")
}

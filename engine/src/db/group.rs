//! Group commit on SQLite: many logical transactions share one physical commit, and so one fsync.
//!
//! There is one writing connection and a fair queue for it, the *seat*. Whoever holds the seat is inside a SAVEPOINT
//! of the open physical transaction. `commit` releases the savepoint, opens the next one's, joins those who wait for
//! the disk and hands the seat on; whoever leaves last, or later than [`LINGER`] after the physical transaction began,
//! runs the COMMIT and tells everybody who waits. That is one round trip to the connection for a whole commit. So nothing is acknowledged before it is on disk, a lone writer waits
//! for nobody, and a crowd pays for one fsync together.
//!
//! Two things could break the promise, and are dealt with here:
//! - A future may be dropped at any await. All work that must not stop half-way therefore runs in a task of its own,
//!   which owns the seat; the caller only waits for its answer.
//! - Some errors (a full disk, for one) make SQLite roll the physical transaction back by itself. Then everybody who
//!   waits for it is told that it was lost, and the transaction that met the error refuses to run anything more, for
//!   outside of a transaction every statement would be on disk at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::Instant;

use super::error::{DbError, may_end_transaction};

/// How long a physical transaction may stay open while others still want to join it. Longer shares the fsync among
/// more writers, shorter lets the first of them go sooner.
const LINGER: Duration = Duration::from_millis(2);

/// How long a caller queues for the seat before it is told that the database is busy.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) struct Writer {
    seat: Arc<Mutex<Seat>>,
    /// How many are in the queue for the seat, or on their way to it.
    queued: AtomicUsize,
    options: SqliteConnectOptions,
}

struct Seat {
    /// Absent after a failure that the connection may not have survived; opened again when it is next needed.
    conn: Option<SqliteConnection>,
    physical: Option<Physical>,
}

struct Physical {
    since: Instant,
    /// Those whose savepoint is released and who wait for the disk.
    waiting: Vec<oneshot::Sender<Result<(), DbError>>>,
}

/// A logical transaction: the right to sit in the seat, and a savepoint around what was done there.
pub struct SqliteTx {
    held: Option<Held>,
    given_up: bool,
}

struct Held {
    seat: OwnedMutexGuard<Seat>,
    writer: Arc<Writer>,
}

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Arc<Self>, sqlx::Error> {
        let conn = options.connect().await?;
        let seat = Arc::new(Mutex::new(Seat { conn: Some(conn), physical: None }));
        Ok(Arc::new(Self { seat, queued: AtomicUsize::new(0), options }))
    }

    pub(super) async fn begin(self: &Arc<Self>) -> Result<SqliteTx, DbError> {
        let writer = Arc::clone(self);
        // A task of its own: whoever has joined the queue will take the seat and leave it in order, even if the
        // caller is dropped meanwhile. The transaction that nobody takes then cleans up after itself.
        self.queued.fetch_add(1, Ordering::SeqCst);
        let sit_down = tokio::spawn(async move {
            let seat = Arc::clone(&writer.seat).lock_owned().await;
            writer.queued.fetch_sub(1, Ordering::SeqCst);
            Held { seat, writer }.open().await
        });
        let seated = tokio::time::timeout(PATIENCE, sit_down).await.map_err(|_| DbError::Busy)?;
        seated.map_err(|_| DbError::GivenUp)?
    }

    /// Migrations bring their own transactions, so they have the seat to themselves.
    pub(super) async fn migrate(&self, migrator: &Migrator) -> Result<(), MigrateError> {
        let mut seat = self.seat.lock().await;
        let conn = seat.conn.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        migrator.run_direct(conn).await
    }

    pub(super) async fn close(&self) {
        let mut seat = self.seat.lock().await;
        if let Some(conn) = seat.conn.take() {
            // Nothing is lost by a connection that does not close well: every acknowledged commit is on disk.
            if let Err(error) = conn.close().await {
                tracing::warn!(%error, "the writing connection did not close well");
            }
        }
    }
}

impl Held {
    /// Finds the savepoint that the one before has left, or begins a physical transaction.
    async fn open(mut self) -> Result<SqliteTx, DbError> {
        if self.seat.physical.is_none() {
            if self.seat.conn.is_none() {
                self.seat.conn = Some(self.writer.options.connect().await?);
            }
            self.seat.run("BEGIN IMMEDIATE; SAVEPOINT line").await?;
            self.seat.physical = Some(Physical { since: Instant::now(), waiting: Vec::new() });
        }
        Ok(SqliteTx { held: Some(self), given_up: false })
    }

    /// Whether whoever leaves now turns off the light.
    fn is_last(&self) -> bool {
        self.writer.queued.load(Ordering::SeqCst) == 0
            || self.seat.physical.as_ref().is_some_and(|physical| physical.since.elapsed() >= LINGER)
    }

    /// Keeps what was done since the savepoint, and waits for the disk with the others.
    async fn keep(mut self, done: oneshot::Sender<Result<(), DbError>>) {
        let last = self.is_last();
        if let Some(physical) = &mut self.seat.physical {
            physical.waiting.push(done);
        }
        let way = if last { "RELEASE line; COMMIT" } else { "RELEASE line; SAVEPOINT line" };
        self.leave(way, last).await;
    }

    /// Takes back what was done since the savepoint.
    async fn undo(mut self) {
        let last = self.is_last();
        let way = if last { "ROLLBACK TO line; RELEASE line; COMMIT" } else { "ROLLBACK TO line" };
        self.leave(way, last).await;
    }

    async fn leave(&mut self, way: &'static str, last: bool) {
        match self.seat.run(way).await {
            Ok(()) if last => self.seat.tell(|| Ok(())),
            Ok(()) => {}
            Err(error) => self.seat.lose(error).await,
        }
    }
}

impl Seat {
    async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        let conn = self.conn.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        conn.execute(sqlx::raw_sql(sql)).await.map(drop)
    }

    /// The physical transaction is over; everybody who waited for it hears how it ended.
    fn tell(&mut self, ended: impl Fn() -> Result<(), DbError>) {
        for done in self.physical.take().into_iter().flat_map(|physical| physical.waiting) {
            // Somebody who no longer listens has still been committed.
            let _ = done.send(ended());
        }
    }

    /// The physical transaction is gone or in doubt: makes sure that it is gone.
    async fn lose(&mut self, error: sqlx::Error) {
        let error = DbError::Lost(Arc::new(error));
        tracing::warn!(%error, "a physical transaction was rolled back");
        if self.run("ROLLBACK").await.is_err() {
            // Either SQLite had rolled back already, or the connection is beyond saying. A new one knows for sure.
            self.conn = None;
        }
        self.tell(|| Err(error.clone()));
    }
}

impl SqliteTx {
    /// The connection, for `on_tx!` to run one statement on.
    pub fn connection(&mut self) -> Result<&mut SqliteConnection, DbError> {
        let held = self.held.as_mut().filter(|_| !self.given_up).ok_or(DbError::GivenUp)?;
        held.seat.conn.as_mut().ok_or(DbError::GivenUp)
    }

    /// Looks at what a statement answered: after some errors this transaction must not go on.
    pub fn watch<T>(&mut self, out: Result<T, sqlx::Error>) -> Result<T, DbError> {
        out.map_err(|error| {
            self.given_up |= may_end_transaction(&error);
            DbError::from(error)
        })
    }

    pub(super) async fn commit(mut self) -> Result<(), DbError> {
        if self.given_up {
            return Err(DbError::GivenUp);
        }
        let held = self.held.take().ok_or(DbError::GivenUp)?;
        let (done, on_disk) = oneshot::channel();
        // Once asked for, a commit is carried through, whether or not the caller stays to hear of it.
        tokio::spawn(held.keep(done));
        on_disk.await.map_err(|_| DbError::GivenUp)?
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else { return };
        // Outside a runtime nobody can ask for the seat any more; closing the connection rolls back.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(held.undo());
        }
    }
}

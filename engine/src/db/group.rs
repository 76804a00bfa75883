//! Group commit on SQLite: many logical transactions share one physical commit, and so one fsync.
//!
//! There is one writing connection and a fair queue for it, the *seat*. Whoever holds the seat is inside a SAVEPOINT
//! of the open physical transaction. `commit` releases the savepoint, opens the next one's, joins those who wait for
//! the disk and hands the seat on; whoever leaves last, or later than [`LINGER`] after the physical transaction began,
//! runs the COMMIT and tells everybody who waits. That is one round trip to the connection for a whole commit. So
//! nothing is acknowledged before it is on disk, a lone writer waits for nobody, and a crowd pays for one fsync
//! together.
//!
//! Two things could break the promise, and are dealt with here:
//! - A future may be dropped at any await. All work that must not stop half-way therefore runs in a task of its own,
//!   which owns the seat; the caller only waits for its answer.
//! - Some errors (a full disk, for one) make SQLite roll the physical transaction back by itself. Then everybody who
//!   waits for it is told that it was lost, and the transaction that met the error refuses to run anything more, for
//!   outside of a transaction every statement would be on disk at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::error::{DbError, may_end_transaction};

/// How long a physical transaction may stay open while others still want to join it. Longer shares the fsync among
/// more writers, shorter lets the first of them go sooner.
const LINGER: Duration = Duration::from_millis(2);

/// How long a caller queues for the seat before it is told that the database is busy.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) struct Writer {
    desk: Mutex<Desk>,
    options: SqliteConnectOptions,
}

/// Who sits and who waits. Locked to look and to change places, never across an await.
struct Desk {
    /// Absent while somebody sits in it.
    seat: Option<Box<Seat>>,
    queue: VecDeque<Turn>,
    closed: bool,
}

/// How the next in the queue gets the seat, or hears why not.
type Turn = oneshot::Sender<Result<Held, DbError>>;

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
    /// True also while a statement runs: one whose future is dropped never says how it ended.
    given_up: bool,
}

/// The seat, taken. Whoever drops it has its work undone and the seat handed on.
struct Held {
    seat: Option<Box<Seat>>,
    writer: Arc<Writer>,
}

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Arc<Self>, sqlx::Error> {
        let seat = Box::new(Seat { conn: Some(options.connect().await?), physical: None });
        let desk = Desk { seat: Some(seat), queue: VecDeque::new(), closed: false };
        Ok(Arc::new(Self { desk: Mutex::new(desk), options }))
    }

    pub(super) async fn begin(self: &Arc<Self>) -> Result<SqliteTx, DbError> {
        Ok(SqliteTx { held: Some(self.sit_down().await?), given_up: false })
    }

    /// The seat, inside a savepoint: at once if it is free, else in turn.
    async fn sit_down(self: &Arc<Self>) -> Result<Held, DbError> {
        let (turn, mine) = oneshot::channel();
        let free = {
            let mut desk = self.desk();
            if desk.closed {
                return Err(sqlx::Error::PoolClosed.into());
            }
            let seat = desk.seat.take();
            if seat.is_none() {
                desk.queue.push_back(turn);
            }
            seat
        };
        match free {
            Some(seat) => {
                let mut held = Held { seat: Some(seat), writer: Arc::clone(self) };
                // A task of its own: the caller may be dropped between BEGIN and SAVEPOINT.
                let opening = tokio::spawn(async move {
                    let opened = held.begin_physical().await;
                    match opened {
                        Ok(()) => Ok(held),
                        Err(error) => {
                            held.hand_on().await;
                            Err(error)
                        }
                    }
                });
                opening.await.map_err(|_| DbError::GivenUp)?
            }
            // Who stops waiting is passed over; who is handed the seat at that very moment drops it, and is undone.
            None => tokio::time::timeout(PATIENCE, mine)
                .await
                .map_err(|_| DbError::Busy)?
                .map_err(|_| DbError::GivenUp)?,
        }
    }

    /// Migrations bring their own transactions, so they have the seat to themselves.
    pub(super) async fn migrate(self: &Arc<Self>, migrator: &Migrator) -> Result<(), MigrateError> {
        let lost = |error: DbError| MigrateError::Execute(sqlx::Error::Io(std::io::Error::other(error)));
        let mut held = self.sit_down().await.map_err(lost)?;
        held.end_physical().await;
        let migrated = match held.seat.as_mut().and_then(|seat| seat.conn.as_mut()) {
            Some(conn) => migrator.run_direct(conn).await,
            None => Err(MigrateError::Execute(sqlx::Error::WorkerCrashed)),
        };
        held.hand_on().await;
        migrated
    }

    pub(super) async fn close(self: &Arc<Self>) {
        let held = self.sit_down().await;
        let mut queue = {
            let mut desk = self.desk();
            desk.closed = true;
            std::mem::take(&mut desk.queue)
        };
        for turn in queue.drain(..) {
            let _ = turn.send(Err(sqlx::Error::PoolClosed.into()));
        }
        let Ok(mut held) = held else { return };
        held.end_physical().await;
        // Nothing is lost by a connection that does not close well: every acknowledged commit is on disk.
        if let Some(conn) = held.seat.take().and_then(|seat| seat.conn)
            && let Err(error) = conn.close().await
        {
            tracing::warn!(%error, "the writing connection did not close well");
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next who still waits.
    fn next(&self) -> Option<Turn> {
        let mut desk = self.desk();
        std::iter::from_fn(|| desk.queue.pop_front()).find(|turn| !turn.is_closed())
    }
}

impl Held {
    fn seat(&mut self) -> Result<&mut Seat, sqlx::Error> {
        self.seat.as_deref_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    fn is_open(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.physical.is_some())
    }

    async fn begin_physical(&mut self) -> Result<(), DbError> {
        let options = self.writer.options.clone();
        let seat = self.seat()?;
        if seat.conn.is_none() {
            seat.conn = Some(options.connect().await?);
        }
        if let Err(error) = seat.run("BEGIN IMMEDIATE; SAVEPOINT line").await {
            // If BEGIN went well and SAVEPOINT did not, the next must not find a transaction that nobody knows of.
            // And if the connection's own thread is gone, it must not find that either.
            if !matches!(seat.run("ROLLBACK").await, Ok(()) | Err(sqlx::Error::Database(_))) {
                seat.conn = None;
            }
            return Err(error.into());
        }
        seat.physical = Some(Physical { since: Instant::now(), waiting: Vec::new() });
        Ok(())
    }

    /// Ends the physical transaction with what was kept in it, and tells everybody who waits.
    async fn end_physical(&mut self) {
        self.end_with("RELEASE line; COMMIT").await;
    }

    async fn end_with(&mut self, way: &'static str) {
        let Ok(seat) = self.seat() else { return };
        match seat.run(way).await {
            Ok(()) => seat.tell(|| Ok(())),
            Err(error) => seat.lose(error).await,
        }
    }

    /// Keeps what was done since the savepoint, and waits for the disk with the others.
    async fn keep(mut self, done: oneshot::Sender<Result<(), DbError>>) {
        if let Some(physical) = self.seat.as_mut().and_then(|seat| seat.physical.as_mut()) {
            physical.waiting.push(done);
        }
        self.leave("RELEASE line; SAVEPOINT line", "RELEASE line; COMMIT").await;
    }

    /// Takes back what was done since the savepoint.
    async fn undo(self) {
        self.leave("ROLLBACK TO line", "ROLLBACK TO line; RELEASE line; COMMIT").await;
    }

    /// Leaves with a savepoint open for the next, if somebody waits and there is still time; else ends the physical
    /// transaction: the last one turns off the light.
    async fn leave(mut self, on: &'static str, off: &'static str) {
        let Ok(seat) = self.seat() else { return };
        let late = seat.physical.as_ref().is_none_or(|physical| physical.since.elapsed() >= LINGER);
        let next = self.writer.next();
        if late || next.is_none() {
            self.end_with(off).await;
        } else if let Ok(seat) = self.seat()
            && let Err(error) = seat.run(on).await
        {
            seat.lose(error).await;
        }
        self.hand_to(next).await;
    }

    async fn hand_on(self) {
        let next = self.writer.next();
        self.hand_to(next).await;
    }

    /// Gives the seat to the next, or puts it back when there is nobody.
    async fn hand_to(mut self, mut next: Option<Turn>) {
        loop {
            if let Some(turn) = next.take() {
                let opened = if self.is_open() { Ok(()) } else { self.begin_physical().await };
                match opened {
                    Ok(()) => match turn.send(Ok(self)) {
                        // They stopped waiting just now: the seat has come back.
                        Err(Ok(held)) => self = held,
                        Ok(()) | Err(Err(_)) => return,
                    },
                    Err(error) => {
                        let _ = turn.send(Err(error));
                    }
                }
            }
            next = self.writer.next();
            if next.is_some() {
                continue;
            }
            if self.is_open() {
                self.end_physical().await;
            }
            let mut desk = self.writer.desk();
            // Somebody may have come while the lock was not held.
            if desk.queue.is_empty() {
                desk.seat = self.seat.take();
                return;
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(seat) = self.seat.take() else { return };
        let writer = Arc::clone(&self.writer);
        // Outside a runtime nobody can ask for the seat any more; closing the connection rolls back. The task holds
        // the bare seat until it runs, so that one which never runs is simply dropped.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { Self { seat: Some(seat), writer }.undo().await });
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
        self.given_up = true;
        held.seat()?.conn.as_mut().ok_or(DbError::GivenUp)
    }

    /// Looks at what a statement answered: after some errors this transaction must not go on.
    pub fn watch<T>(&mut self, out: Result<T, sqlx::Error>) -> Result<T, DbError> {
        self.given_up = out.as_ref().is_err_and(may_end_transaction);
        out.map_err(DbError::from)
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

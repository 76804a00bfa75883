//! Group commit on SQLite: many logical transactions share one physical commit, and so one fsync.
//!
//! There is one writing connection and a fair queue for it, the *seat*. Whoever holds the seat writes inside a SAVEPOINT
//! of its own, within the open physical transaction. `commit` joins those who wait for the disk and hands the seat on;
//! whoever leaves last, or later than the linger after the physical transaction began, runs the COMMIT and tells
//! everybody who waits. So nothing is acknowledged before it is on disk, a lone writer waits for nobody, and a crowd
//! pays for one fsync together.
//!
//! What a small transaction costs beside the fsync is round trips to the connection's thread, so there is one per
//! statement and none for joining or leaving: savepoints are left to the COMMIT to release, and are opened by a command
//! that goes just ahead of the first statement and is not waited for (see [`Seat::mark`]).
//!
//! Two things could break the promise, and are dealt with here:
//! - A future may be dropped at any await. All work that must not stop half-way therefore runs in a task of its own,
//!   which owns the seat; the caller only waits for its answer.
//! - Some errors (a full disk, for one) make SQLite roll the physical transaction back by itself. Then everybody who
//!   waits for it is told that it was lost, and the transaction that met the error refuses to run anything more, for
//!   outside of a transaction every statement would be on disk at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::error::{DbError, may_end_transaction};
use super::migrate::NotMigrated;

/// How long a caller queues for the seat before it is told that the database is busy.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) struct Writer {
    desk: Mutex<Desk>,
    options: SqliteConnectOptions,
    /// How long a physical transaction may stay open while others still want to join it.
    linger: Duration,
    guard: Arc<Guard>,
}

/// Lets nothing reach the disk but what we commit ourselves. If SQLite rolls the physical transaction back by itself,
/// what was already on its way runs outside of any transaction, and would be kept at once although its caller hears that
/// it was lost; the guard makes SQLite undo that, too.
#[derive(Default)]
struct Guard {
    lifted: Arc<AtomicBool>,
}

impl Guard {
    async fn connect(&self, options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
        // Turning the write-ahead log on, as connecting does, is no commit of ours to guard.
        let mut conn = options.connect().await?;
        let lifted = Arc::clone(&self.lifted);
        conn.lock_handle().await?.set_commit_hook(move || lifted.load(Ordering::SeqCst));
        Ok(conn)
    }

    /// Every command that was sent before has been answered by the time this is called, so that nothing slips through
    /// beside what is to be committed.
    async fn lifted_for<T>(&self, commit: impl Future<Output = T>) -> T {
        self.lifted.store(true, Ordering::SeqCst);
        let done = commit.await;
        self.lifted.store(false, Ordering::SeqCst);
        done
    }
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
    /// Those whose work is done and who wait for the disk.
    waiting: Vec<oneshot::Sender<Result<(), DbError>>>,
    /// How many savepoints were opened before this one.
    savepoint: u32,
    /// Whether the one who sits here has opened its savepoint.
    marked: bool,
    /// What may have made SQLite roll all of it back, to tell those who find out later.
    fault: Option<Arc<sqlx::Error>>,
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
    pub(super) async fn open(
        options: SqliteConnectOptions,
        linger: Duration,
    ) -> Result<Arc<Self>, sqlx::Error> {
        let guard = Arc::new(Guard::default());
        let seat = Box::new(Seat { conn: Some(guard.connect(&options).await?), physical: None });
        let desk = Desk { seat: Some(seat), queue: VecDeque::new(), closed: false };
        Ok(Arc::new(Self { desk: Mutex::new(desk), options, linger, guard }))
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
    pub(super) async fn migrate(self: &Arc<Self>, migrator: &Migrator) -> Result<(), NotMigrated> {
        let mut held = self.sit_down().await?;
        held.end_physical().await;
        let migrated = match held.seat.as_mut().and_then(|seat| seat.conn.as_mut()) {
            Some(conn) => self.guard.lifted_for(migrator.run_direct(conn)).await.map_err(NotMigrated::from),
            None => Err(sqlx::Error::WorkerCrashed.into()),
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

    #[cfg(test)]
    pub(super) fn queued(&self) -> usize {
        self.desk().queue.len()
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

    async fn begin_physical(&mut self) -> Result<(), DbError> {
        let (options, guard) = (self.writer.options.clone(), Arc::clone(&self.writer.guard));
        let seat = self.seat()?;
        if seat.conn.is_none() {
            seat.conn = Some(guard.connect(&options).await?);
        }
        if let Err(error) = seat.run("BEGIN IMMEDIATE; SAVEPOINT shared").await {
            // If BEGIN went well and SAVEPOINT did not, the next must not find a transaction that nobody knows of.
            // And if the connection's own thread is gone, it must not find that either.
            if !matches!(seat.run("ROLLBACK").await, Ok(()) | Err(sqlx::Error::Database(_))) {
                seat.conn = None;
            }
            return Err(error.into());
        }
        seat.physical = Some(Physical {
            since: Instant::now(),
            waiting: Vec::new(),
            savepoint: 0,
            marked: false,
            fault: None,
        });
        Ok(())
    }

    /// Ends the physical transaction with what was kept in it, and tells everybody who waits.
    async fn end_physical(&mut self) {
        let guard = Arc::clone(&self.writer.guard);
        let Some(seat) = self.seat.as_deref_mut().filter(|seat| seat.physical.is_some()) else { return };
        // If SQLite had rolled back by itself, a later savepoint would have begun a transaction of its own, and COMMIT
        // alone would seem to go well. The outermost savepoint is there only if nothing was lost.
        let committed = guard.lifted_for(seat.run("RELEASE shared; COMMIT")).await;
        match committed {
            Ok(()) => seat.tell(|| Ok(())),
            Err(error) => seat.lose(error).await,
        }
    }

    /// Keeps what was done since the savepoint: it waits for the disk with the others.
    fn keep(mut self, done: oneshot::Sender<Result<(), DbError>>) {
        if let Some(physical) = self.seat.as_mut().and_then(|seat| seat.physical.as_mut()) {
            physical.waiting.push(done);
        }
        if let Err(last) = self.leave() {
            // A task of its own: once asked for, a commit is carried through, whether or not the caller stays.
            tokio::spawn(last.turn_off_the_light());
        }
    }

    /// Takes back what was done since the savepoint.
    async fn undo(mut self) {
        if let Ok(seat) = self.seat() {
            seat.take_back().await;
        }
        if let Err(last) = self.leave() {
            last.turn_off_the_light().await;
        }
    }

    /// Leaves the open physical transaction to the next, if somebody waits and there is still time. Comes back if not.
    fn leave(mut self) -> Result<(), Self> {
        loop {
            let linger = self.writer.linger;
            let Some(physical) = self.seat.as_mut().and_then(|seat| seat.physical.as_mut()) else {
                return Err(self);
            };
            if physical.since.elapsed() >= linger {
                return Err(self);
            }
            if physical.marked {
                physical.savepoint += 1;
                physical.marked = false;
            }
            let Some(turn) = self.writer.next() else { return Err(self) };
            match turn.send(Ok(self)) {
                // They stopped waiting just now: the seat has come back.
                Err(Ok(held)) => self = held,
                Ok(()) | Err(Err(_)) => return Ok(()),
            }
        }
    }

    async fn turn_off_the_light(mut self) {
        self.end_physical().await;
        self.hand_on().await;
    }

    /// Gives the seat to the next, in a physical transaction of its own, or puts it back when there is nobody.
    async fn hand_on(mut self) {
        loop {
            while let Some(turn) = self.writer.next() {
                match self.begin_physical().await {
                    Ok(()) => match turn.send(Ok(self)) {
                        // They stopped waiting just now: the seat has come back.
                        Err(Ok(held)) => {
                            self = held;
                            self.end_physical().await;
                        }
                        Ok(()) | Err(Err(_)) => return,
                    },
                    Err(error) => {
                        let _ = turn.send(Err(error));
                    }
                }
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
    async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let conn = self.conn.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        conn.execute(sqlx::raw_sql(sql)).await.map(drop)
    }

    /// Opens the savepoint of the one who sits here, ahead of its first statement. The command is put into the
    /// connection's queue and nobody waits for its answer, which saves every transaction a round trip.
    ///
    /// That is safe because its name is its own: had it not been opened, what follows would only be nested less deeply,
    /// and the one thing that needs it, taking back, would find no savepoint of that name and say that all is lost. And
    /// had its failure ended the physical transaction, the guard would keep what follows from the disk.
    fn mark(&mut self) -> Result<(), sqlx::Error> {
        let (Some(conn), Some(physical)) = (self.conn.as_mut(), self.physical.as_mut()) else {
            return Err(sqlx::Error::WorkerCrashed);
        };
        if physical.marked {
            return Ok(());
        }
        physical.marked = true;
        let savepoint = format!("SAVEPOINT line_{}", physical.savepoint);
        // Prepared once for each name: they begin anew with every physical transaction.
        let mut sent = conn.execute(sqlx::query(&savepoint));
        match sent.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(_)) | Poll::Pending => Ok(()),
        }
    }

    async fn take_back(&mut self) {
        let Some(physical) = self.physical.as_ref().filter(|physical| physical.marked) else { return };
        let back = format!("ROLLBACK TO line_{}", physical.savepoint);
        match self.run(&back).await {
            Ok(()) => {
                if let Some(physical) = &mut self.physical {
                    physical.fault = None;
                }
            }
            Err(error) => self.lose(error).await,
        }
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
        // What we meet here is often only "no such savepoint"; the fault that came before it says why.
        let fault = self.physical.as_mut().and_then(|physical| physical.fault.take());
        let error = DbError::Lost(fault.unwrap_or_else(|| Arc::new(error)));
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
        let seat = held.seat()?;
        seat.mark()?;
        seat.conn.as_mut().ok_or(DbError::GivenUp)
    }

    /// Looks at what a statement answered: after some errors this transaction must not go on.
    pub fn watch<T>(&mut self, out: Result<T, sqlx::Error>) -> Result<T, DbError> {
        self.given_up = out.as_ref().is_err_and(may_end_transaction);
        out.map_err(|error| {
            let error = Arc::new(error);
            if self.given_up
                && let Some(held) = &mut self.held
                && let Some(physical) = held.seat.as_mut().and_then(|seat| seat.physical.as_mut())
            {
                physical.fault = Some(Arc::clone(&error));
            }
            DbError::Sql(error)
        })
    }

    pub(super) async fn commit(mut self) -> Result<(), DbError> {
        if self.given_up {
            return Err(DbError::GivenUp);
        }
        let held = self.held.take().ok_or(DbError::GivenUp)?;
        let (done, on_disk) = oneshot::channel();
        held.keep(done);
        on_disk.await.map_err(|_| DbError::GivenUp)?
    }
}

//! What runs have reached, written down: many at a time in one transaction, each only as long as its lease holds.
//!
//! While one transaction is on its way to the disk, what other runs reach is gathered for the next. So the more there is
//! to do, the more share a commit, and a lone run waits for nobody.

mod overtaken;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::ids::{ErrandId, ReviewId, RunId, WorkflowId};
use domain::run::RunState;
use tokio::sync::{mpsc, oneshot};

use self::overtaken::{StillOpen, look_again};
use super::store::{self, Attempt, Child, DeadLetter, Ending, Event, Fresh, Lease, Parked, Waits};
use super::tally::Tally;
use crate::Error;
use crate::db::{Db, DbError, Trouble, Tx};
use crate::errand::{self, Offered};
use crate::review::{self, Handed, Opened};
use crate::webhook::{self, Written};
use crate::world::World;

/// How many share a transaction at most.
const MOST_AT_ONCE: usize = 256;

/// How long to wait for a database that is away or full, at first and at most.
const AGAIN_AFTER: Duration = Duration::from_millis(50);
const AGAIN_AFTER_MOST: Duration = Duration::from_secs(1);

/// What a run has reached.
pub struct Entry {
    pub lease: Lease,
    pub workflow: WorkflowId,
    pub created_at: DateTime<Utc>,
    /// How soon it should be done.
    pub slo: Option<Duration>,
    /// How often its worker was lost before: forgiven once there is progress.
    pub crashes: i64,
    pub attempts: Vec<Attempt>,
    /// Steps that wait from now on.
    pub waits: Vec<Waits>,
    pub reviews: Looking,
    pub errands: Sent,
    /// What else has happened to it.
    pub events: Vec<Event>,
    /// What it tells others.
    pub messages: Vec<Written>,
    /// Who waits for it to end.
    pub parent: Option<RunId>,
    /// Runs that are made for elements of lists.
    pub subs: Vec<Sub>,
    pub then: Then,
}

impl Entry {
    /// With nothing but how it goes on.
    pub fn new(lease: Lease, workflow: WorkflowId, created_at: DateTime<Utc>, then: Then) -> Self {
        Self {
            lease,
            workflow,
            created_at,
            slo: None,
            crashes: 0,
            attempts: Vec::new(),
            waits: Vec::new(),
            reviews: Looking::default(),
            errands: Sent::default(),
            events: Vec::new(),
            messages: Vec::new(),
            parent: None,
            subs: Vec::new(),
            then,
        }
    }

    /// With nothing known of what is open: whatever is, nobody needs it any more.
    pub fn last(self) -> Self {
        let reviews = Looking { open: true, ..self.reviews };
        Self { reviews, errands: Sent { open: true, ..self.errands }, ..self }
    }
}

/// A run that is made for the element of a list.
pub struct Sub {
    pub fresh: Fresh,
    pub child: Child,
}

/// What a run has to do with programs that do errands for it.
#[derive(Default)]
pub struct Sent {
    pub offered: Vec<Offered>,
    /// What came back as failed: another try is another errand.
    pub failed: Vec<ErrandId>,
    /// What nobody has brought back in time.
    pub lapsed: Vec<ErrandId>,
    /// Whether something is open that nobody needs to do once the run has ended.
    pub open: bool,
}

impl Sent {
    pub const fn is_empty(&self) -> bool {
        self.offered.is_empty() && self.failed.is_empty() && self.lapsed.is_empty()
    }
}

/// What a run has to do with people who look at it.
#[derive(Default)]
pub struct Looking {
    /// What they are to look at from now on.
    pub opened: Vec<Opened>,
    /// What nobody has decided in time, and until when they had it as far as the worker knew.
    pub lapsed: Vec<(ReviewId, DateTime<Utc>)>,
    /// What goes to the managers, because reviewers have not decided in time.
    pub handed: Vec<Handed>,
    /// Whether something is open that nobody needs to look at once the run has ended.
    pub open: bool,
}

impl Looking {
    pub const fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.lapsed.is_empty() && self.handed.is_empty()
    }
}

/// How it goes on.
pub enum Then {
    /// With the same worker.
    GoOn,
    /// Later, with whoever claims it then; sooner if more signals come than its worker knew of.
    Later { until: DateTime<Utc>, signals: i64, state: RunState },
    /// It has ended.
    End { state: RunState, output: Option<String>, error: Option<String>, dead: Option<DeadLetter> },
}

impl Then {
    /// It failed, and whoever looks is told why.
    pub const fn failed(error: String) -> Self {
        Self::End { state: RunState::Failed, output: None, error: Some(error), dead: None }
    }

    /// It failed, and lies among the dead letters until somebody has it tried again.
    pub fn given_up(dead: DeadLetter) -> Self {
        let error =
            if dead.step.is_empty() { dead.error.clone() } else { format!("{}: {}", dead.step, dead.error) };
        Self::End { state: RunState::Failed, output: None, error: Some(error), dead: Some(dead) }
    }
}

/// Why something was not written down.
#[derive(Debug)]
pub enum Unwritten {
    /// Somebody else has the run now, or it was cancelled: what was reached is stale.
    Stale,
    /// It cannot be written, whoever tries.
    Unwritable(String),
}

type Answer = Result<(), Unwritten>;

struct Waiting {
    entry: Entry,
    answer: oneshot::Sender<Answer>,
}

#[derive(Clone)]
pub struct Ledger(mpsc::Sender<Waiting>);

impl Ledger {
    /// It writes as long as anybody has a handle on it, and counts under that name.
    pub fn open(db: Db, world: World, counter: String) -> Self {
        let (sender, mut receiver) = mpsc::channel(MOST_AT_ONCE);
        tokio::spawn(async move {
            let mut gathered = Vec::with_capacity(MOST_AT_ONCE);
            while receiver.recv_many(&mut gathered, MOST_AT_ONCE).await > 0 {
                write(&db, &world, &counter, std::mem::take(&mut gathered)).await;
            }
        });
        Self(sender)
    }

    /// Returns when it is on disk, or says why it is not.
    pub async fn write(&self, entry: Entry) -> Answer {
        let (answer, hear) = oneshot::channel();
        let gone = || Unwritten::Unwritable("the writer of checkpoints has ended".to_owned());
        self.0.send(Waiting { entry, answer }).await.map_err(|_| gone())?;
        hear.await.map_err(|_| gone())?
    }
}

/// Writes all of them. A database that is away is waited for: nothing that was reached is given up before its lease.
async fn write(db: &Db, world: &World, counter: &str, mut all: Vec<Waiting>) {
    let mut wait = AGAIN_AFTER;
    loop {
        // Whoever has stopped waiting has lost the lease.
        all.retain(|waiting| !waiting.answer.is_closed());
        if all.is_empty() {
            return;
        }
        match attempt(db, world, counter, &all).await {
            Ok(held) => {
                for waiting in all {
                    let kept = held.contains(&waiting.entry.lease);
                    // A worker that has gone meanwhile finds what was written when it claims the run again.
                    let _ = waiting.answer.send(if kept { Ok(()) } else { Err(Unwritten::Stale) });
                }
                return;
            }
            Err(Error::Database(error)) if may_pass(&error) => {
                tracing::warn!(%error, waiting = all.len(), "checkpoints cannot be written; trying again");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(AGAIN_AFTER_MOST);
            }
            // One of them cannot be written: its neighbours must not suffer for it.
            Err(error) if all.len() > 1 => {
                tracing::error!(%error, "some of these checkpoints cannot be written; writing each alone");
                for one in all {
                    Box::pin(write(db, world, counter, vec![one])).await;
                }
                return;
            }
            Err(error) => {
                for waiting in all {
                    let _ = waiting.answer.send(Err(Unwritten::Unwritable(error.to_string())));
                }
                return;
            }
        }
    }
}

/// Whether it makes sense to try again.
pub(super) fn may_pass(error: &DbError) -> bool {
    matches!(error.trouble(), Trouble::Full | Trouble::Busy | Trouble::Away)
        || matches!(error, DbError::Lost(_) | DbError::GivenUp)
}

/// One transaction. Answers with the leases that held; of the others nothing was written.
async fn attempt(db: &Db, world: &World, counter: &str, all: &[Waiting]) -> Result<HashSet<Lease>, Error> {
    let mut tx = db.begin().await?;
    let at = tx.clock(world).await?;
    let leases: Vec<_> = all.iter().map(|waiting| waiting.entry.lease).collect();
    // Whoever waits for one that ends is told. Their tasks are taken in one order with ours, whoever else does the same.
    let ends = |entry: &Entry| matches!(entry.then, Then::End { .. });
    let parents = || all.iter().filter(|it| ends(&it.entry)).filter_map(|it| it.entry.parent);
    if parents().next().is_some() {
        store::hold_tasks(&mut tx, leases.iter().map(|lease| lease.run_id).chain(parents())).await?;
    }
    let held: HashSet<_> = store::held(&mut tx, &leases).await?.into_iter().collect();
    let open = StillOpen::of(&mut tx, all).await?;
    let (kept, overtaken): (Vec<_>, Vec<_>) = all
        .iter()
        .map(|waiting| &waiting.entry)
        .filter(|entry| held.contains(&entry.lease))
        .partition(|entry| open.all_of(entry));
    look_again(&mut tx, &overtaken, at).await?;
    let entries = || kept.iter().copied();
    let attempts: Vec<_> = entries().flat_map(|entry| &entry.attempts).collect();
    let new = store::insert_attempts(&mut tx, &attempts).await?;
    let waits: Vec<_> = entries().flat_map(|entry| &entry.waits).collect();
    store::insert_waits(&mut tx, &waits).await?;
    let opened: Vec<_> = entries().flat_map(|entry| &entry.reviews.opened).collect();
    review::open(&mut tx, &opened).await?;
    review::lapse(
        &mut tx,
        &entries().flat_map(|entry| entry.reviews.lapsed.iter().map(|(id, _)| *id)).collect::<Vec<_>>(),
    )
    .await?;
    review::hand_on(&mut tx, &entries().flat_map(|entry| entry.reviews.handed.clone()).collect::<Vec<_>>())
        .await?;
    errand::lapse(&mut tx, &entries().flat_map(|entry| entry.errands.lapsed.clone()).collect::<Vec<_>>())
        .await?;
    errand::give_up(&mut tx, &entries().flat_map(|entry| entry.errands.failed.clone()).collect::<Vec<_>>())
        .await?;
    // After those before them are out of the way.
    let offered: Vec<_> = entries().flat_map(|entry| &entry.errands.offered).collect();
    errand::offer(&mut tx, &offered).await?;
    store::insert_events(&mut tx, &entries().flat_map(|entry| entry.events.clone()).collect::<Vec<_>>())
        .await?;
    webhook::write(&mut tx, &entries().flat_map(|entry| &entry.messages).collect::<Vec<_>>()).await?;
    send_through(&mut tx, entries(), at).await?;
    go_on(&mut tx, entries()).await?;
    put_off(&mut tx, entries(), at).await?;
    end(&mut tx, entries(), at).await?;
    tally(entries(), &new, at).write(&mut tx, counter).await?;
    tx.commit().await?;
    Ok(kept.iter().map(|entry| entry.lease).collect())
}

/// What is to be counted: what was written before, by a commit whose answer got lost, was counted with it.
fn tally<'a>(entries: impl Iterator<Item = &'a Entry>, new: &[&Attempt], at: DateTime<Utc>) -> Tally {
    let mut tally = Tally::default();
    let mut workflows = HashMap::new();
    for entry in entries {
        workflows.insert(entry.lease.run_id, entry.workflow);
        for opened in &entry.reviews.opened {
            tally.review(entry.workflow, &opened.step, opened.opened_at);
        }
        if let Then::End { state, dead, .. } = &entry.then {
            tally.run(entry.workflow, *state, entry.created_at, at);
            if let Some(letter) = dead {
                tally.dead(entry.workflow, &letter.step, at);
            }
            if entry.slo.is_some_and(|slo| (at - entry.created_at).to_std().is_ok_and(|took| took > slo)) {
                tally.late(entry.workflow, at);
            }
        }
    }
    for attempt in new {
        if let Some(workflow) = workflows.get(&attempt.run_id) {
            tally.attempt(*workflow, attempt);
        }
    }
    tally
}

/// Makes the runs of elements. One that is there already was made by a commit whose answer got lost.
async fn send_through(
    tx: &mut Tx,
    entries: impl Iterator<Item = &Entry>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    for entry in entries.filter(|entry| !entry.subs.is_empty()) {
        let fresh: Vec<_> = entry.subs.iter().map(|sub| sub.fresh.clone()).collect();
        let by = format!("run {}", entry.lease.run_id);
        let made: HashSet<_> = store::insert_runs(tx, &fresh, &by, at).await?.into_iter().collect();
        let new = || entry.subs.iter().filter(|sub| made.contains(&sub.fresh.id));
        store::enqueue(tx, &new().map(|sub| sub.fresh.task(at)).collect::<Vec<_>>()).await?;
        store::adopt(tx, &new().map(|sub| &sub.child).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

async fn go_on(tx: &mut Tx, entries: impl Iterator<Item = &Entry>) -> Result<(), DbError> {
    let forgiven: Vec<_> = entries
        .filter(|entry| matches!(entry.then, Then::GoOn) && entry.crashes > 0 && !entry.attempts.is_empty())
        .map(|entry| entry.lease.run_id)
        .collect();
    store::forgive(tx, &forgiven).await
}

async fn put_off(
    tx: &mut Tx,
    entries: impl Iterator<Item = &Entry> + Clone,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let parked: Vec<_> = entries
        .clone()
        .filter_map(|entry| match entry.then {
            Then::Later { until, signals, .. } => Some(Parked {
                run_id: entry.lease.run_id,
                until,
                signals,
                crashes: if entry.attempts.is_empty() { entry.crashes } else { 0 },
            }),
            _ => None,
        })
        .collect();
    store::park(tx, &parked, at).await?;
    for now in [RunState::Pending, RunState::NeedsReview] {
        let is_now = |entry: &&Entry| matches!(entry.then, Then::Later { state, .. } if state == now);
        let runs: Vec<_> = entries.clone().filter(is_now).map(|entry| entry.lease.run_id).collect();
        store::put_back(tx, &runs, now).await?;
    }
    Ok(())
}

async fn end(
    tx: &mut Tx,
    entries: impl Iterator<Item = &Entry> + Clone,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let ended = || entries.clone().filter(|entry| matches!(entry.then, Then::End { .. }));
    let open = |which: fn(&Entry) -> bool| -> Vec<_> {
        ended().filter(|entry| which(entry)).map(|entry| entry.lease.run_id).collect()
    };
    review::withdraw(tx, &open(|entry| entry.reviews.open)).await?;
    errand::withdraw(tx, &open(|entry| entry.errands.open)).await?;
    let endings: Vec<_> = entries
        .clone()
        .filter_map(|entry| match &entry.then {
            Then::End { state, output, error, .. } => Some(Ending {
                run_id: entry.lease.run_id,
                lease_epoch: entry.lease.lease_epoch,
                state: *state,
                output: output.clone(),
                error: error.clone(),
            }),
            _ => None,
        })
        .collect();
    let dead: Vec<_> = ended()
        .filter_map(|entry| match &entry.then {
            Then::End { dead, .. } => dead.as_ref(),
            _ => None,
        })
        .collect();
    store::end(tx, &endings, at).await?;
    let parents: Vec<_> = ended().filter_map(|entry| entry.parent).collect();
    store::wake_parents(tx, &parents, at).await?;
    store::bury(tx, &dead).await?;
    let runs: Vec<_> = endings.iter().map(|ending| ending.run_id).collect();
    store::drop_tasks(tx, &runs).await
}

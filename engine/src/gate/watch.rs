//! What a worker knows of breakers and budgets, and how it keeps that up to date: in good times it costs a look at a small
//! table once a second, and nothing is written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use domain::ids::WorkflowId;
use domain::run::{Breaker, Entrance};
use tokio::time::Instant;

use super::store::{self, Row};
use crate::db::{Db, DbError};
use crate::run::Clock;
use crate::world::World;

/// How long what is known of others' doings is good enough.
const FRESH: Duration = Duration::from_secs(1);

/// The most breakers that are looked at: more than anybody asks.
const MOST: i64 = 1_000;

/// Those who wait come back spread over this time, and not all at once.
const SPREAD: TimeDelta = TimeDelta::seconds(10);

/// What somebody wants to ask, and for whom.
#[derive(Clone, Debug)]
pub struct Wish {
    pub dependency: String,
    pub workflow: WorkflowId,
    /// What its models may cost on a day, if this asks one.
    pub per_day: Option<i64>,
}

/// Why nobody may be asked now, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub until: DateTime<Utc>,
    pub because: String,
}

#[derive(Clone)]
pub struct Gate {
    db: Db,
    world: World,
    clock: Clock,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    looked_at: Option<Instant>,
    breakers: HashMap<String, Breaker>,
    /// What a workflow had spent on that day, when it was looked at, and what was spent here since.
    spent: HashMap<WorkflowId, Spent>,
}

struct Spent {
    day: DateTime<Utc>,
    looked_at: Instant,
    cost: i64,
}

impl Gate {
    pub fn new(db: Db, world: World, clock: Clock) -> Self {
        Self { db, world, clock, known: Arc::default() }
    }

    /// Whether it may be asked now. What cannot be found out keeps nobody from asking.
    pub async fn enter(&self, wish: &Wish) -> Result<(), Closed> {
        if let Some(most) = wish.per_day
            && let Some(closed) = self.over_budget(wish.workflow, most).await
        {
            return Err(closed);
        }
        self.look().await;
        let now = self.clock.now();
        let Some(mut breaker) = self.known().breakers.get(&wish.dependency).copied() else { return Ok(()) };
        let entrance = match breaker.enter(now) {
            // Of all who would see whether it is well again, the database chooses one.
            Entrance::Trial => self.trial(&wish.dependency, now).await.unwrap_or(Entrance::Free),
            entrance => entrance,
        };
        match entrance {
            Entrance::Free | Entrance::Trial => Ok(()),
            Entrance::Closed(until) => Err(Closed {
                until: until + self.spread(),
                because: format!(
                    "{} has failed again and again and is left alone for a while.",
                    in_words(&wish.dependency)
                ),
            }),
        }
    }

    /// What came of asking: nothing if all went well, or only the question was at fault; and what it has cost.
    pub async fn left(&self, wish: &Wish, trouble: Option<&str>, cost: Option<i64>) {
        if let (Some(cost), Some(spent)) = (cost, self.known().spent.get_mut(&wish.workflow)) {
            spent.cost = spent.cost.saturating_add(cost);
        }
        let was_troubled = self.known().breakers.contains_key(&wish.dependency);
        if trouble.is_none() && !was_troubled {
            return;
        }
        if let Err(error) = self.write_down(&wish.dependency, trouble).await {
            tracing::warn!(%error, dependency = wish.dependency, "what came of asking could not be noted");
        }
    }

    async fn write_down(&self, dependency: &str, trouble: Option<&str>) -> Result<(), DbError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let row = store::hold(&mut tx, dependency).await?;
        let mut breaker = row.breaker();
        let before = breaker;
        let row = match trouble {
            Some(error) => {
                breaker.failed(now);
                Row { last_error: error.to_owned(), failed_at: Some(now), ..row.with(breaker) }
            }
            None => {
                breaker.succeeded();
                row.with(breaker)
            }
        };
        store::put(&mut tx, &row).await?;
        tx.commit().await?;
        if breaker.opened > before.opened {
            tracing::warn!(dependency, until = ?breaker.open_until, "a breaker has opened");
        } else if before.open_until.is_some() && breaker.open_until.is_none() {
            tracing::info!(dependency, "a breaker has closed");
        }
        self.known().note(dependency, breaker);
        Ok(())
    }

    async fn trial(&self, dependency: &str, now: DateTime<Utc>) -> Result<Entrance, DbError> {
        let mut tx = self.db.begin().await?;
        let row = store::hold(&mut tx, dependency).await?;
        let mut breaker = row.breaker();
        let entrance = breaker.enter(now);
        if entrance == Entrance::Trial {
            store::put(&mut tx, &row.with(breaker)).await?;
            tx.commit().await?;
        }
        self.known().note(dependency, breaker);
        Ok(entrance)
    }

    /// Learns what others have found out, if that was some time ago.
    async fn look(&self) {
        {
            let mut known = self.known();
            if known.looked_at.is_some_and(|at| at.elapsed() < FRESH) {
                return;
            }
            // Of many who come at once, one looks.
            known.looked_at = Some(Instant::now());
        }
        match store::troubled(&self.db, MOST).await {
            Ok(rows) => {
                self.known().breakers =
                    rows.into_iter().map(|row| (row.dependency.clone(), row.breaker())).collect();
            }
            Err(error) => tracing::warn!(%error, "breakers cannot be looked at; going by what is known"),
        }
    }

    async fn over_budget(&self, workflow: WorkflowId, most: i64) -> Option<Closed> {
        let now = self.clock.now();
        let day = now.date_naive().and_time(NaiveTime::MIN).and_utc();
        let fresh = |spent: &&Spent| spent.day == day && spent.looked_at.elapsed() < FRESH;
        let known = self.known().spent.get(&workflow).filter(fresh).map(|spent| spent.cost);
        let cost = match known {
            Some(cost) => cost,
            None => match store::spent(&self.db, workflow, day).await {
                Ok(cost) => {
                    self.known().spent.insert(workflow, Spent { day, looked_at: Instant::now(), cost });
                    cost
                }
                Err(error) => {
                    tracing::warn!(%error, "it cannot be seen what was spent; going on");
                    return None;
                }
            },
        };
        (cost >= most).then(|| Closed {
            until: day + TimeDelta::days(1) + self.spread(),
            because: "The money that its models may cost on a day is spent.".to_owned(),
        })
    }

    fn spread(&self) -> TimeDelta {
        #[expect(clippy::cast_possible_truncation, reason = "some seconds")]
        let millis = (self.world.fraction() * 1e3) as i64;
        SPREAD * i32::try_from(millis).unwrap_or_default() / 1000
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn note(&mut self, dependency: &str, breaker: Breaker) {
        if breaker == Breaker::default() {
            self.breakers.remove(dependency);
        } else {
            self.breakers.insert(dependency.to_owned(), breaker);
        }
    }
}

/// `model:claims-reader` as a sentence begins with it.
pub fn in_words(dependency: &str) -> String {
    match dependency.split_once(':') {
        Some(("model", name)) => format!("The model {name}"),
        Some(("host", name)) => format!("The service at {name}"),
        _ => dependency.to_owned(),
    }
}

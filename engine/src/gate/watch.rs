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
use crate::outbound::{Failed, Reply};
use crate::run::Clock;
use crate::world::World;

/// How long what is known of others' doings is good enough.
const FRESH: Duration = Duration::from_secs(1);

/// The most breakers that are looked at: more than anybody asks.
const MOST: i64 = 1_000;

/// Whoever was not heard of for so long is not known any more.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Those who wait come back spread over this time at least, and not all at once.
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

/// What an answer says of whoever was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// All went well, or only the question was at fault.
    Well,
    /// It went wrong through no fault of whoever has asked.
    Trouble(&'a str),
    /// They were not asked after all.
    Nothing,
}

impl<'a> Heard<'a> {
    /// From what a service has answered, given which statuses are good.
    pub fn of(reply: &'a Result<Reply, Failed>, is_good: impl Fn(u16) -> bool) -> Self {
        match reply {
            Ok(reply) if !is_good(reply.status) && reply.mishap().is_theirs() => {
                Self::Trouble("It answers with an error.")
            }
            Err(Failed::Mishap(mishap, because)) if mishap.is_theirs() => Self::Trouble(because),
            Err(Failed::Wrong(_)) => Self::Nothing,
            Ok(_) | Err(Failed::Mishap(..)) => Self::Well,
        }
    }
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
                until: until + self.spread((until - now) / 4),
                because: format!(
                    "{} has failed again and again and is left alone for a while.",
                    in_words(&wish.dependency)
                ),
            }),
        }
    }

    /// What came of asking, and what it has cost.
    pub async fn left(&self, wish: &Wish, heard: Heard<'_>, cost: Option<i64>) {
        if let (Some(cost), Some(spent)) = (cost, self.known().spent.get_mut(&wish.workflow)) {
            spent.cost = spent.cost.saturating_add(cost);
        }
        let was_troubled = self.known().breakers.contains_key(&wish.dependency);
        if !matches!(heard, Heard::Trouble(_)) && !was_troubled {
            return;
        }
        if !was_troubled && let Err(error) = self.forget_old().await {
            tracing::warn!(%error, "what was noted of others long ago could not be forgotten");
        }
        if let Err(error) = self.write_down(&wish.dependency, heard).await {
            tracing::warn!(%error, dependency = wish.dependency, "what came of asking could not be noted");
        }
    }

    /// By itself: whoever held others at the same time could wait in a circle.
    async fn forget_old(&self) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        store::forget_old(&mut tx, self.clock.now() - REMEMBERED).await?;
        tx.commit().await
    }

    async fn write_down(&self, dependency: &str, heard: Heard<'_>) -> Result<(), DbError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let row = store::hold(&mut tx, dependency).await?;
        let mut breaker = row.breaker();
        let before = breaker;
        let row = match heard {
            Heard::Trouble(error) => {
                breaker.failed(now);
                Row { last_error: error.to_owned(), failed_at: Some(now), ..row.with(breaker) }
            }
            Heard::Well => {
                breaker.succeeded();
                row.with(breaker)
            }
            Heard::Nothing => {
                breaker.came_back_without_word();
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
        let day = day_of(now);
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
            until: day + TimeDelta::days(1) + self.spread(SPREAD),
            because: "The money that its models may cost on a day is spent.".to_owned(),
        })
    }

    /// Some time up to that, or up to the least that is worth it.
    fn spread(&self, most: TimeDelta) -> TimeDelta {
        #[expect(clippy::cast_possible_truncation, reason = "a thousand at most")]
        let thousandths = (self.world.fraction() * 1e3) as i32;
        most.max(SPREAD) * thousandths / 1000
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

/// When the day of budgets began: it is the same for all, and so goes by no zone.
pub fn day_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.date_naive().and_time(NaiveTime::MIN).and_utc()
}

/// `model:claims-reader` as a sentence begins with it.
pub fn in_words(dependency: &str) -> String {
    match dependency.split_once(':') {
        Some(("model", name)) => format!("The model {name}"),
        Some(("host", name)) => format!("The service at {name}"),
        _ => dependency.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::run::Mishap;

    use super::*;

    #[test]
    fn an_answer_speaks_for_whoever_gave_it_unless_they_were_not_asked() {
        let reply = |status| Ok(Reply { status, body: serde_json::Value::Null, after: None });
        let usual = |status| (200..300).contains(&status);
        assert_eq!(Heard::of(&reply(200), usual), Heard::Well);
        assert_eq!(Heard::of(&reply(404), usual), Heard::Well, "the question was at fault");
        assert!(matches!(Heard::of(&reply(503), usual), Heard::Trouble(_)));
        assert_eq!(Heard::of(&reply(503), |status| status == 503), Heard::Well, "that is what was wanted");
        let failed = Err(Failed::Mishap(Mishap::Network, "It is away.".to_owned()));
        assert_eq!(Heard::of(&failed, usual), Heard::Trouble("It is away."));
        assert_eq!(Heard::of(&Err(Failed::Wrong("No URL.".to_owned())), usual), Heard::Nothing);
    }
}

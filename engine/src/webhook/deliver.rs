//! Bringing messages to where they are to go.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::WorkflowId;
use domain::webhook::{MessageState, pause_after};
use domain::workflow::Method;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::sign::{Key, sign};
use super::store::{self, Delivery, Message};
use crate::db::{Db, DbError};
use crate::gate::{Gate, Heard, Wish};
use crate::outbound::{Call, Failed, Outbound};
use crate::run::{Clock, readable};
use crate::world::World;

/// How many are on their way at once.
const AT_ONCE: usize = 32;

/// How long a receiver may take.
const WITHIN: Duration = Duration::from_secs(15);

/// How long to rest while nobody has a hand free.
const ALL_BUSY: Duration = Duration::from_millis(100);

/// Whoever has taken a message and is not heard of for so long has lost it to others.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The most of an answer that is kept.
const LONGEST_ERROR: usize = 500;

#[derive(Clone)]
pub struct Courier {
    pub db: Db,
    pub world: World,
    pub clock: Clock,
    pub outbound: Outbound,
    pub gate: Gate,
    hands: Arc<Semaphore>,
    /// What is on its way.
    pub under_way: TaskTracker,
}

/// What came of a try.
enum Came {
    Taken {
        status: u16,
    },
    Failed {
        status: Option<u16>,
        because: String,
        for_good: bool,
    },
    /// It was not tried: whoever it is for is left alone until then.
    Later(DateTime<Utc>),
}

impl Courier {
    pub fn new(db: Db, world: World, clock: Clock, outbound: Outbound, gate: Gate) -> Self {
        let hands = Arc::new(Semaphore::new(AT_ONCE));
        Self { db, world, clock, outbound, gate, hands, under_way: TaskTracker::new() }
    }

    /// Sets out with what is due, as much as there are hands for. Answers whether there may be more at once.
    pub async fn set_out(&self) -> Result<bool, DbError> {
        let free = self.hands.available_permits();
        if free == 0 {
            return Ok(false);
        }
        // A look needs no transaction, and mostly there is nothing.
        if store::next_due(&self.db).await?.is_none_or(|due| due > self.clock.now()) {
            return Ok(false);
        }
        let mut tx = self.db.begin().await?;
        let at = tx.clock(&self.world).await?;
        self.clock.set(at);
        let limit = i64::try_from(free).unwrap_or(1);
        let taken = store::take(&mut tx, at, at + LEASE, limit).await?;
        tx.commit().await?;
        let more = taken.len() >= free;
        for message in taken {
            let courier = self.clone();
            let Ok(hand) = Arc::clone(&self.hands).try_acquire_owned() else { break };
            self.under_way.spawn(async move {
                courier.bring(message).await;
                drop(hand);
            });
        }
        Ok(more)
    }

    /// How long until there is something to deliver, but no longer than so long.
    pub async fn until_due(&self, longest: Duration) -> Duration {
        if self.hands.available_permits() == 0 {
            return ALL_BUSY.min(longest);
        }
        match store::next_due(&self.db).await {
            Ok(due) => due.map_or(longest, |due| self.clock.until(due)).min(longest),
            Err(error) => {
                tracing::warn!(%error, "it cannot be seen which messages are due");
                longest
            }
        }
    }

    async fn bring(&self, message: Message) {
        let (at, began) = (self.clock.now(), Instant::now());
        let came = self.try_to(&message).await;
        let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        if let Err(error) = self.settle(message, came, at, took_ms).await {
            // It is due again when its lease has run out, and arrives a second time under the same id.
            tracing::warn!(%error, "what came of a message could not be noted");
        }
    }

    async fn try_to(&self, message: &Message) -> Came {
        let keys = match self.outbound.secrets().get(&message.secret).and_then(Key::all_of) {
            Ok(keys) => keys,
            Err(because) => return Came::Failed { status: None, because, for_good: false },
        };
        let call = self.call(message, &keys);
        let wish = Wish {
            dependency: format!("host:{}", call.host()),
            workflow: WorkflowId(uuid::Uuid::nil()),
            per_day: None,
        };
        if let Err(closed) = self.gate.enter(&wish).await {
            return Came::Later(closed.until);
        }
        let reply = self.outbound.call(&call).await;
        self.gate.left(&wish, Heard::of(&reply, is_good), None).await;
        match reply {
            Ok(reply) if is_good(reply.status) => Came::Taken { status: reply.status },
            Ok(reply) => Came::Failed {
                status: Some(reply.status),
                because: format!("The answer has the status {}{}.", reply.status, reply.quoted()),
                // Whoever is gone says so, by the scheme.
                for_good: reply.status == 410,
            },
            Err(Failed::Mishap(_, because)) => Came::Failed { status: None, because, for_good: false },
            Err(Failed::Wrong(because)) => Came::Failed { status: None, because, for_good: true },
        }
    }

    fn call(&self, message: &Message, keys: &[Key]) -> Call {
        let id = format!("msg_{}", message.id.0.simple());
        // Of the moment it is sent: whoever receives it may refuse what is old.
        let timestamp = self.clock.now().timestamp();
        let signature = sign(keys, &id, timestamp, &message.body);
        let headers = [
            ("webhook-id", id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ];
        Call {
            method: Method::Post,
            url: message.url.clone(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: Some(message.body.clone()),
            timeout: WITHIN,
            idempotency_key: id,
            shown: Value::Null,
            secrets: Vec::new(),
        }
    }

    async fn settle(
        &self,
        mut message: Message,
        came: Came,
        at: DateTime<Utc>,
        took_ms: i64,
    ) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        let now = tx.clock(&self.world).await?;
        let (status, error) = match came {
            Came::Later(until) => {
                message.next_at = until;
                store::settle(&mut tx, &message).await?;
                return tx.commit().await;
            }
            Came::Taken { status } => {
                message.state = MessageState::Delivered;
                message.ended_at = Some(now);
                (Some(status), String::new())
            }
            Came::Failed { status, because, for_good } => {
                message.failed += 1;
                let failed = u32::try_from(message.failed).unwrap_or(u32::MAX);
                match pause_after(failed, self.world.fraction()).filter(|_| !for_good) {
                    Some(pause) => message.next_at = now + pause,
                    None => {
                        message.state = MessageState::Failed;
                        message.ended_at = Some(now);
                    }
                }
                (status, because)
            }
        };
        if store::settle(&mut tx, &message).await? {
            let error = readable(&error).chars().take(LONGEST_ERROR).collect();
            let status = status.map(i64::from);
            store::note(&mut tx, &Delivery { message_id: message.id, number: 0, at, took_ms, status, error })
                .await?;
        }
        tx.commit().await
    }
}

fn is_good(status: u16) -> bool {
    (200..300).contains(&status)
}

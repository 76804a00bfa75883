//! Waking the workers: a hint that there is something to do. Whoever misses it finds out when they next look.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::sleep;

use crate::db::Db;

/// Where servers on one database tell one another.
const CHANNEL: &str = "countersign_work";

/// Those who ring within this time ring once: a notification takes a lock that all of them share.
const GATHER: Duration = Duration::from_millis(2);

/// How long to wait before listening again after the connection broke.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct Bell {
    db: Db,
    here: Arc<Notify>,
    /// Where programs wait for errands.
    errands: Arc<Notify>,
    /// Where couriers wait for messages.
    messages: Arc<Notify>,
    /// Whether the others are about to be told.
    calling: Arc<AtomicBool>,
}

impl Bell {
    pub fn new(db: Db) -> Self {
        Self {
            db,
            here: Arc::default(),
            errands: Arc::default(),
            messages: Arc::default(),
            calling: Arc::default(),
        }
    }

    /// Wakes workers of this process.
    pub fn ring_here(&self) {
        self.here.notify_one();
    }

    /// Wakes workers here, and on other servers that share the database.
    pub fn ring(&self) {
        self.ring_here();
        self.ring_elsewhere();
    }

    /// Tells programs that wait for errands, whichever server they have asked.
    pub fn errands_offered(&self) {
        self.errands.notify_waiters();
        self.ring_elsewhere();
    }

    /// Tells couriers, on whatever server.
    pub fn messages_written(&self) {
        self.messages.notify_one();
        self.ring_elsewhere();
    }

    /// Returns at once if messages were written since it was last heard.
    pub async fn hear_of_messages(&self) {
        self.messages.notified().await;
    }

    /// Returns when errands are offered from now on.
    pub fn hear_of_errands(&self) -> Notified<'_> {
        self.errands.notified()
    }

    fn ring_elsewhere(&self) {
        if !self.db.is_shared() || self.calling.swap(true, Ordering::AcqRel) {
            return;
        }
        let bell = self.clone();
        tokio::spawn(async move {
            sleep(GATHER).await;
            bell.calling.store(false, Ordering::Release);
            if let Err(error) = bell.db.notify(CHANNEL).await {
                tracing::debug!(%error, "other servers could not be told of work; they look by themselves");
            }
        });
    }

    /// Returns at once if it rang since it was last heard.
    pub async fn heard(&self) {
        self.here.notified().await;
    }

    /// What the others have rung for is found out by looking.
    fn heard_elsewhere(&self) {
        self.here.notify_one();
        self.errands.notify_waiters();
        self.messages.notify_one();
    }

    /// Hears other servers ring, for as long as it is polled.
    pub async fn listen(&self) {
        loop {
            match self.db.listen(CHANNEL, || self.heard_elsewhere()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "other servers are not heard; looking for work by ourselves");
                }
            }
            sleep(AGAIN_AFTER).await;
        }
    }
}

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::{MessageId, RunId};
use domain::people::Permission;
use domain::webhook::MessageState;
use serde_json::{Value, json};

use super::store::{self, Delivery, Message};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record, record_all};
use crate::db::Db;
use crate::page::Page;
use crate::run::Runs;

/// The most tries that are shown.
const MOST_SHOWN: i64 = 100;

/// How many are sent again by one call.
const MOST_AGAIN: i64 = 1_000;

/// The use cases of webhooks.
#[derive(Clone)]
pub struct Webhooks {
    db: Db,
    runs: Runs,
}

/// Which messages somebody wants to see.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessageFilter {
    pub state: Option<MessageState>,
    pub run: Option<RunId>,
}

/// A message with what was tried.
#[derive(Clone, Debug)]
pub struct WholeMessage {
    pub message: Message,
    /// The newest first.
    pub deliveries: Vec<Delivery>,
}

impl Webhooks {
    pub const fn new(db: Db, runs: Runs) -> Self {
        Self { db, runs }
    }

    /// The newest first, older than the given one.
    pub async fn list(
        &self,
        act: &Act,
        filter: MessageFilter,
        before: Option<MessageId>,
        size: usize,
    ) -> Result<Page<Message>, Error> {
        act.need(Permission::SeeRuns)?;
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::list(&self.db, filter.state, filter.run, before, limit).await?, size))
    }

    pub async fn open(&self, act: &Act, id: MessageId) -> Result<WholeMessage, Error> {
        act.need(Permission::SeeRuns)?;
        let message = store::message(&self.db, id).await?.ok_or_else(no_such_message)?;
        Ok(WholeMessage { message, deliveries: store::deliveries(&self.db, id, MOST_SHOWN).await? })
    }

    /// Sends a message that was delivered or given up once more, under its id.
    pub async fn send_again(&self, act: &Act, id: MessageId) -> Result<(), Error> {
        act.need(Permission::ManageRuns)?;
        let before = store::message(&self.db, id).await?.ok_or_else(no_such_message)?;
        let mut tx = self.db.begin().await?;
        let at = tx.clock(&act.world).await?;
        if store::again(&mut tx, Some(id), at, 1).await?.is_empty() {
            return Err(Fault::conflict("This message is on its way already.").into());
        }
        record(&mut tx, act, entry(id, &before.kind, before.state)).await?;
        tx.commit().await?;
        self.runs.messages_written();
        Ok(())
    }

    /// Sends all that were given up once more; answers with how many, and whether there may be others.
    pub async fn send_all_again(&self, act: &Act) -> Result<(usize, bool), Error> {
        act.need(Permission::ManageRuns)?;
        let mut tx = self.db.begin().await?;
        let at = tx.clock(&act.world).await?;
        let sent = store::again(&mut tx, None, at, MOST_AGAIN).await?;
        let entries: Vec<_> = sent.iter().map(|id| entry(*id, "", MessageState::Failed)).collect();
        record_all(&mut tx, act, &entries).await?;
        tx.commit().await?;
        self.runs.messages_written();
        Ok((sent.len(), i64::try_from(sent.len()).unwrap_or(i64::MAX) >= MOST_AGAIN))
    }
}

fn entry(id: MessageId, kind: &str, before: MessageState) -> Entry<'_, Value, Value> {
    Entry {
        action: Action::MessageSentAgain,
        thing: Thing::Message,
        thing_id: id.to_string(),
        thing_name: kind,
        before: Some(json!({ "state": before })),
        after: Some(json!({ "state": MessageState::Pending })),
    }
}

fn no_such_message() -> Fault {
    Fault::not_found("There is no such message.")
}

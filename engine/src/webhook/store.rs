use chrono::{DateTime, Utc};
use domain::ids::{MessageId, RunId};
use domain::webhook::MessageState;
use domain::workflow::{StepName, WorkflowName};

use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// A message that is to be sent.
#[derive(Clone, Debug)]
pub struct Written {
    pub id: MessageId,
    pub run_id: RunId,
    pub step: StepName,
    pub workflow: WorkflowName,
    pub kind: String,
    pub url: String,
    /// JSON, as it is sent and signed.
    pub body: String,
    /// The name of the secret that signs it.
    pub secret: String,
    pub written_at: DateTime<Utc>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    pub id: MessageId,
    pub run_id: RunId,
    pub step: StepName,
    pub workflow: WorkflowName,
    pub kind: String,
    pub url: String,
    pub body: String,
    pub secret: String,
    pub state: MessageState,
    /// Failed tries since it was written, or sent again by hand.
    pub failed: i64,
    /// When it is tried next; whoever tries it moves that on first.
    pub next_at: DateTime<Utc>,
    pub lease_epoch: i64,
    pub written_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// SQLite names no table in front of what an update answers with.
const COLUMNS: &str = "id, run_id, step, workflow, kind, url, body, secret, state, failed, next_at, lease_epoch, written_at, \
                       ended_at";

/// One try to deliver it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Delivery {
    pub message_id: MessageId,
    pub number: i64,
    pub at: DateTime<Utc>,
    pub took_ms: i64,
    pub status: Option<i64>,
    /// Empty if it was taken.
    pub error: String,
}

/// Writes messages. One that is there already was kept by a commit whose answer got lost.
pub async fn write(tx: &mut Tx, messages: &[&Written]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        messages,
        "INSERT INTO message (state, failed, id, run_id, step, workflow, kind, url, body, secret, next_at, written_at)",
        12,
        |query, one| query
            .bind(MessageState::Pending)
            .bind(0_i64)
            .bind(one.id)
            .bind(one.run_id)
            .bind(&one.step)
            .bind(&one.workflow)
            .bind(&one.kind)
            .bind(&one.url)
            .bind(&one.body)
            .bind(&one.secret)
            .bind(one.written_at)
            .bind(one.written_at),
        " ON CONFLICT (id) DO NOTHING"
    )
}

/// Takes what is due to be delivered; several couriers never take the same. What is not heard of by `until` is due again.
pub async fn take(
    tx: &mut Tx,
    at: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT id AS due_id FROM message WHERE state = 'pending' AND next_at <= $1 \
         ORDER BY next_at LIMIT $3{}) \
         UPDATE message SET next_at = $2, lease_epoch = lease_epoch + 1 FROM due WHERE id = due_id \
         RETURNING {COLUMNS}",
        tx.skip_locked()
    );
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(at).bind(until).bind(limit).fetch_all(c).await)
}

/// When there is next something to deliver.
pub async fn next_due(db: &Db) -> Result<Option<DateTime<Utc>>, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT MIN(next_at) FROM message WHERE state = 'pending'")
        .fetch_one(c).await)
}

/// What came of a try. Nothing changes if somebody else has taken it meanwhile; answers whether it was ours.
pub async fn settle(tx: &mut Tx, message: &Message) -> Result<bool, DbError> {
    let changed = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE message SET state = $3, failed = $4, next_at = $5, ended_at = $6 \
             WHERE id = $1 AND lease_epoch = $2 AND state = 'pending'"
        )
        .bind(message.id)
        .bind(message.lease_epoch)
        .bind(message.state)
        .bind(message.failed)
        .bind(message.next_at)
        .bind(message.ended_at)
    )?;
    Ok(changed > 0)
}

/// Notes a try, under the next number.
pub async fn note(tx: &mut Tx, delivery: &Delivery) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO delivery (message_id, number, at, took_ms, status, error) VALUES ($1, \
             (SELECT COALESCE(MAX(number), 0) + 1 FROM delivery WHERE message_id = $1), $2, $3, $4, $5)"
        )
        .bind(delivery.message_id)
        .bind(delivery.at)
        .bind(delivery.took_ms)
        .bind(delivery.status)
        .bind(&delivery.error)
    )
    .map(drop)
}

/// Sends messages anew, as if they had just been written; answers with how many.
pub async fn again(
    tx: &mut Tx,
    id: Option<MessageId>,
    at: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<MessageId>, DbError> {
    let which = if id.is_some() { "id = $2 AND state <> 'pending'" } else { "state = 'failed'" };
    let sql = format!(
        "UPDATE message SET state = 'pending', failed = 0, next_at = $1, ended_at = NULL \
         WHERE id IN (SELECT id FROM message WHERE {which} ORDER BY id LIMIT $3) RETURNING id"
    );
    on_tx!(*tx, c => sqlx::query_scalar(&sql).bind(at).bind(id).bind(limit).fetch_all(c).await)
}

pub async fn message(db: &Db, id: MessageId) -> Result<Option<Message>, DbError> {
    on_db!(db, c => sqlx::query_as("SELECT * FROM message WHERE id = $1").bind(id).fetch_optional(c).await)
}

/// The newest tries first.
pub async fn deliveries(db: &Db, id: MessageId, limit: i64) -> Result<Vec<Delivery>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM delivery WHERE message_id = $1 ORDER BY number DESC LIMIT $2"
    ).bind(id).bind(limit).fetch_all(c).await)
}

/// The newest messages first, older than the given one.
pub async fn list(
    db: &Db,
    state: Option<MessageState>,
    run: Option<RunId>,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    let before = before.unwrap_or(MessageId(uuid::Uuid::max()));
    let of_state = if state.is_some() { " AND state = $3" } else { "" };
    let of_run = if run.is_some() { " AND run_id = $4" } else { "" };
    let sql = format!("SELECT * FROM message WHERE id < $1{of_state}{of_run} ORDER BY id DESC LIMIT $2");
    on_db!(db, c => sqlx::query_as(&sql).bind(before).bind(limit).bind(state).bind(run).fetch_all(c).await)
}

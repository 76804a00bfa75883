//! Where the payments of a batch go to.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, BatchId, PaymentId, PersonId};
use domain::payee::Method;
use domain::people::PersonName;

use crate::db::{Db, DbError, Tx};
use crate::payee::counting;
use crate::{on_db, on_tx, run_tx};

/// Where somebody is paid to with a batch.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaidTo {
    pub person_id: PersonId,
    pub account_id: AccountId,
    pub method: Method,
    pub shown: String,
}

/// The account that whoever gets the payment `p` is paid to at the moment `$2`.
fn their_account() -> String {
    counting("p.person_id", "$2")
}

fn paid_to(which: &str) -> String {
    format!(
        "SELECT p.person_id, a.id AS account_id, a.method, a.shown FROM payment p JOIN pay_batch b ON b.id = p.batch_id \
         JOIN payee_account a ON a.id = CASE WHEN b.state = 'approved' THEN p.account_id ELSE ({}) END \
         WHERE {which} = $1 AND p.held_for IS NULL ORDER BY p.person_id",
        their_account()
    )
}

/// Of those who are not held, in the order of their ids: once it is approved, as it was then.
pub async fn of(db: &Db, batch: BatchId, at: DateTime<Utc>) -> Result<Vec<PaidTo>, DbError> {
    let sql = paid_to("p.batch_id");
    on_db!(db, c => sqlx::query_as(&sql).bind(batch).bind(at).fetch_all(c).await)
}

/// Where one payment goes.
pub async fn of_payment(db: &Db, payment: PaymentId, at: DateTime<Utc>) -> Result<Option<PaidTo>, DbError> {
    let sql = paid_to("p.id");
    on_db!(db, c => sqlx::query_as(&sql).bind(payment).bind(at).fetch_optional(c).await)
}

pub async fn of_in(tx: &mut Tx, batch: BatchId, at: DateTime<Utc>) -> Result<Vec<PaidTo>, DbError> {
    let sql = paid_to("p.batch_id");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(batch).bind(at).fetch_all(c).await)
}

/// From now on they go there, whatever accounts come later.
pub async fn bind(tx: &mut Tx, batch: BatchId, at: DateTime<Utc>) -> Result<(), DbError> {
    let sql = format!(
        "UPDATE payment AS p SET account_id = ({}) WHERE batch_id = $1 AND held_for IS NULL",
        their_account()
    );
    run_tx!(*tx, sqlx::query(&sql).bind(batch).bind(at)).map(drop)
}

/// Whether somebody has entered an account that another one is paid to with this batch.
pub async fn is_by(db: &Db, batch: BatchId, editor: PersonId, at: DateTime<Utc>) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM payment p JOIN payee_account a ON a.id = ({}) \
         WHERE p.batch_id = $1 AND p.held_for IS NULL AND a.entered_by = $3 AND p.person_id <> $3)",
        their_account()
    );
    on_db!(db, c => sqlx::query_scalar(&sql).bind(batch).bind(at).bind(editor).fetch_one(c).await)
}

/// Two of a batch, or one of it and somebody else, have the same account: whose, its ends, and the other's name.
pub async fn shared(
    db: &Db,
    batch: BatchId,
    at: DateTime<Utc>,
) -> Result<Vec<(PersonId, String, PersonName)>, DbError> {
    let sql = format!(
        "SELECT DISTINCT p.person_id, a.shown, n.name FROM payment p JOIN payee_account a ON a.id = ({}) \
         JOIN payee_account o ON o.known_by = a.known_by AND o.person_id <> p.person_id AND o.withdrawn_at IS NULL \
         JOIN person n ON n.id = o.person_id WHERE p.batch_id = $1 AND NOT EXISTS (SELECT 1 FROM payee_account y \
          WHERE y.person_id = o.person_id AND y.withdrawn_at IS NULL AND y.entered_at > o.entered_at) \
         ORDER BY p.person_id, n.name",
        their_account()
    );
    on_db!(db, c => sqlx::query_as(&sql).bind(batch).bind(at).fetch_all(c).await)
}

/// A change of where somebody of a batch is paid to that is held.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HeldChange {
    pub person_id: PersonId,
    pub shown: String,
    pub entered_by: PersonName,
    pub entered_at: DateTime<Utc>,
    pub counts_from: DateTime<Utc>,
}

pub async fn held(db: &Db, batch: BatchId, at: DateTime<Utc>) -> Result<Vec<HeldChange>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT p.person_id, a.shown, n.name AS entered_by, a.entered_at, a.counts_from FROM payment p \
         JOIN payee_account a ON a.person_id = p.person_id AND a.withdrawn_at IS NULL AND a.counts_from > $2 \
         JOIN person n ON n.id = a.entered_by WHERE p.batch_id = $1 ORDER BY p.person_id, a.entered_at"
    ).bind(batch).bind(at).fetch_all(c).await)
}

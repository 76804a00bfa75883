use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::ids::{AccountId, BatchId, PaymentId, PayoutFileId, PersonId, TransferId};
use domain::payee::Method;
use domain::payout::{Reference, TransferState};
use domain::people::PersonName;
use domain::period::Period;

use crate::db::rows::{fetch_portions, insert_rows, places, places_after, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::payee::counting;
use crate::{on_db, on_tx};

/// One way of a payment to an account.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Transfer {
    pub id: TransferId,
    pub reference: Reference,
    pub payment_id: PaymentId,
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub shown: String,
    pub minor: i64,
    pub currency: Currency,
    #[sqlx(flatten)]
    pub paid: PaidDays,
    pub state: TransferState,
    pub reason: Option<String>,
    pub state_at: DateTime<Utc>,
    pub file_id: Option<PayoutFileId>,
    pub follows: Option<TransferId>,
}

/// The days that a payment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaidDays {
    from_on: NaiveDate,
    until_on: NaiveDate,
}

impl PaidDays {
    pub const fn period(self) -> Period {
        Period { from: self.from_on, until: self.until_on }
    }
}

const TRANSFER: &str = "SELECT t.id, t.reference, t.payment_id, p.person_id, n.name AS person_name, a.shown, t.minor, b.currency, \
     b.from_on, b.until_on, t.state, t.reason, t.state_at, t.file_id, t.follows FROM transfer t JOIN payment p ON p.id = t.payment_id \
     JOIN pay_batch b ON b.id = t.batch_id JOIN person n ON n.id = p.person_id JOIN payee_account a ON a.id = t.account_id";

/// By name.
pub async fn of_file(db: &Db, file: PayoutFileId) -> Result<Vec<Transfer>, DbError> {
    let sql = format!("{TRANSFER} WHERE t.file_id = $1 ORDER BY n.name, t.id");
    on_db!(db, c => sqlx::query_as(&sql).bind(file).fetch_all(c).await)
}

/// In the order in which they were made.
pub async fn of_batch(db: &Db, batch: BatchId) -> Result<Vec<Transfer>, DbError> {
    let sql = format!("{TRANSFER} WHERE t.batch_id = $1 ORDER BY t.id");
    on_db!(db, c => sqlx::query_as(&sql).bind(batch).fetch_all(c).await)
}

/// The latest first.
pub async fn of_payment(db: &Db, payment: PaymentId) -> Result<Vec<Transfer>, DbError> {
    let sql = format!("{TRANSFER} WHERE t.payment_id = $1 ORDER BY t.id DESC");
    on_db!(db, c => sqlx::query_as(&sql).bind(payment).fetch_all(c).await)
}

pub async fn by_id_in(tx: &mut Tx, id: TransferId) -> Result<Option<Transfer>, DbError> {
    let sql = format!("{TRANSFER} WHERE t.id = $1");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

pub async fn by_references(tx: &mut Tx, references: &[&Reference]) -> Result<Vec<Transfer>, DbError> {
    fetch_portions!(
        *tx,
        references,
        |count| format!("{TRANSFER} WHERE t.reference IN ({})", places(count)),
        |sql| sqlx::query_as::<_, Transfer>(&sql),
        |query, reference| query.bind(*reference)
    )
}

pub async fn of_file_in(tx: &mut Tx, file: PayoutFileId) -> Result<Vec<Transfer>, DbError> {
    let sql = format!("{TRANSFER} WHERE t.file_id = $1 ORDER BY n.name, t.id");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(file).fetch_all(c).await)
}

/// What was approved and has an account.
#[derive(sqlx::FromRow)]
pub struct Due {
    pub payment_id: PaymentId,
    pub account_id: AccountId,
    pub method: Method,
    pub minor: i64,
    pub currency: Currency,
}

pub async fn due(tx: &mut Tx, batch: BatchId) -> Result<Vec<Due>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT p.id AS payment_id, a.id AS account_id, a.method, p.pay_minor AS minor, b.currency FROM payment p \
         JOIN pay_batch b ON b.id = p.batch_id JOIN payee_account a ON a.id = p.account_id \
         WHERE p.batch_id = $1 AND p.held_for IS NULL AND p.pay_minor > 0 ORDER BY p.id"
    ).bind(batch).fetch_all(c).await)
}

/// A transfer to be kept.
pub struct New {
    pub id: TransferId,
    pub payment_id: PaymentId,
    pub batch_id: BatchId,
    pub account_id: AccountId,
    pub minor: i64,
    pub follows: Option<TransferId>,
    pub by: Option<PersonId>,
    pub at: DateTime<Utc>,
}

pub async fn put(tx: &mut Tx, new: &[New]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        new,
        "INSERT INTO transfer (id, reference, payment_id, batch_id, account_id, minor, follows, made_by, made_at, state_at, \
         state)",
        11,
        |query, it| query
            .bind(it.id)
            .bind(Reference::of(it.id))
            .bind(it.payment_id)
            .bind(it.batch_id)
            .bind(it.account_id)
            .bind(it.minor)
            .bind(it.follows)
            .bind(it.by)
            .bind(it.at)
            .bind(it.at)
            .bind(TransferState::Ready)
    )
}

/// What is ready to be sent, with all that a file says of it.
#[derive(sqlx::FromRow)]
pub struct Waiting {
    pub id: TransferId,
    pub reference: Reference,
    pub payment_id: PaymentId,
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub account_id: AccountId,
    pub method: Method,
    pub country: Option<String>,
    pub shown: String,
    pub sealed: String,
    pub entered_by: PersonId,
    pub minor: i64,
}

/// By name, so that a file reads like the page.
pub async fn waiting(tx: &mut Tx, batch: BatchId) -> Result<Vec<Waiting>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "SELECT t.id, t.reference, t.payment_id, p.person_id, n.name AS person_name, a.id AS account_id, a.method, a.country, \
         a.shown, a.sealed, a.entered_by, t.minor FROM transfer t JOIN payment p ON p.id = t.payment_id JOIN person n ON n.id = p.person_id \
         JOIN payee_account a ON a.id = t.account_id WHERE t.batch_id = $1 AND t.state = 'ready' ORDER BY n.name, t.id"
    ).bind(batch).fetch_all(c).await)
}

/// They are in a file from now on.
pub async fn send(
    tx: &mut Tx,
    ids: &[TransferId],
    file: PayoutFileId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_portions!(
        *tx,
        ids,
        |count| format!(
            "UPDATE transfer SET state = 'sent', file_id = $1, state_at = $2 WHERE state = 'ready' AND id IN ({})",
            places_after(2, count)
        ),
        |sql| sqlx::query(&sql).bind(file).bind(at),
        |query, id| query.bind(*id)
    )
}

/// They become something; answers whether each of them was what it is said to have been.
pub async fn settle(
    tx: &mut Tx,
    ids: &[TransferId],
    was: TransferState,
    state: TransferState,
    reason: Option<&str>,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let changed: Vec<(TransferId,)> = fetch_portions!(
        *tx,
        ids,
        |count| format!(
            "UPDATE transfer SET state = $1, reason = $2, state_at = $3 WHERE state = $4 AND id IN ({}) RETURNING id",
            places_after(4, count)
        ),
        |sql| sqlx::query_as::<_, (TransferId,)>(&sql).bind(state).bind(reason).bind(at).bind(was),
        |query, id| query.bind(*id)
    )?;
    Ok(changed.len() == ids.len())
}

/// Those of a file of which nothing is known yet.
pub async fn sent_in(tx: &mut Tx, file: PayoutFileId) -> Result<Vec<TransferId>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT id FROM transfer WHERE file_id = $1 AND state = 'sent' ORDER BY id"
    ).bind(file).fetch_all(c).await)
}

/// Whether somebody is paid with a file.
pub async fn is_of(tx: &mut Tx, file: PayoutFileId, person: PersonId) -> Result<bool, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM transfer t JOIN payment p ON p.id = t.payment_id \
         WHERE t.file_id = $1 AND p.person_id = $2)"
    ).bind(file).bind(person).fetch_one(c).await)
}

/// From which payment to which account some go.
#[derive(sqlx::FromRow)]
pub struct Way {
    pub id: TransferId,
    pub payment_id: PaymentId,
    pub batch_id: BatchId,
    pub account_id: AccountId,
    pub minor: i64,
}

pub async fn ways(tx: &mut Tx, ids: &[TransferId]) -> Result<Vec<Way>, DbError> {
    fetch_portions!(
        *tx,
        ids,
        |count| format!(
            "SELECT id, payment_id, batch_id, account_id, minor FROM transfer WHERE id IN ({})",
            places(count)
        ),
        |sql| sqlx::query_as::<_, Way>(&sql),
        |query, id| query.bind(*id)
    )
}

/// What is ready, by kind of account.
#[derive(sqlx::FromRow)]
pub struct Kind {
    pub method: Method,
    pub country: Option<String>,
    pub transfers: i64,
    pub minor: i64,
}

pub async fn ready(db: &Db, batch: BatchId) -> Result<Vec<Kind>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT a.method, a.country, COUNT(*) AS transfers, CAST(SUM(t.minor) AS BIGINT) AS minor FROM transfer t \
         JOIN payee_account a ON a.id = t.account_id WHERE t.batch_id = $1 AND t.state = 'ready' \
         GROUP BY a.method, a.country"
    ).bind(batch).fetch_all(c).await)
}

pub async fn counts(db: &Db, batch: BatchId) -> Result<Vec<(TransferState, i64)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT state, COUNT(*) FROM transfer WHERE batch_id = $1 AND state IN ('ready', 'sent', 'paid') \
         GROUP BY state ORDER BY state"
    ).bind(batch).fetch_all(c).await)
}

/// An approved payment that no transfer pays: the last one has failed or come back, or there was nowhere to send it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stuck {
    pub payment_id: PaymentId,
    pub batch_id: BatchId,
    pub currency: Currency,
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub minor: i64,
    pub last: Option<TransferId>,
    pub last_state: Option<TransferState>,
    pub reason: Option<String>,
    /// Where they are paid to now.
    pub account_id: Option<AccountId>,
    pub method: Option<Method>,
    pub shown: Option<String>,
    pub entered_by: Option<PersonId>,
}

fn stuck_where(which: &str) -> String {
    format!(
        "SELECT p.id AS payment_id, p.batch_id, b.currency, p.person_id, n.name AS person_name, p.pay_minor AS minor, \
         l.id AS last, l.state AS last_state, l.reason, a.id AS account_id, a.method, a.shown, a.entered_by FROM payment p \
         JOIN pay_batch b ON b.id = p.batch_id JOIN person n ON n.id = p.person_id \
         LEFT JOIN transfer l ON l.id = (SELECT x.id FROM transfer x WHERE x.payment_id = p.id ORDER BY x.id DESC LIMIT 1) \
         LEFT JOIN payee_account a ON a.id = ({}) \
         WHERE {which} = $1 AND b.state = 'approved' AND p.held_for IS NULL AND p.pay_minor > 0 AND NOT EXISTS \
          (SELECT 1 FROM transfer t WHERE t.payment_id = p.id AND t.state IN ('ready', 'sent', 'paid')) \
         ORDER BY n.name, p.id",
        counting("p.person_id", "$2")
    )
}

pub async fn stuck(db: &Db, batch: BatchId, at: DateTime<Utc>) -> Result<Vec<Stuck>, DbError> {
    let sql = stuck_where("p.batch_id");
    on_db!(db, c => sqlx::query_as(&sql).bind(batch).bind(at).fetch_all(c).await)
}

pub async fn stuck_payment(tx: &mut Tx, id: PaymentId, at: DateTime<Utc>) -> Result<Option<Stuck>, DbError> {
    let sql = stuck_where("p.id");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(id).bind(at).fetch_optional(c).await)
}

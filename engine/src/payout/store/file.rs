use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::Currency;
use domain::ids::{BatchId, PayoutFileId, PersonId};
use domain::payout::{Format, Order};
use domain::people::PersonName;

use crate::db::rows::{fetch_portions, places};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// A payment file, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PayoutFile {
    pub id: PayoutFileId,
    pub batch_id: BatchId,
    pub format: Format,
    pub name: String,
    pub digest: Vec<u8>,
    pub size: i64,
    pub transfers: i64,
    pub minor: i64,
    pub currency: Currency,
    pub pay_on: NaiveDate,
    pub made_by: PersonId,
    pub made_by_name: Option<PersonName>,
    pub made_at: DateTime<Utc>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// So many of its transfers are paid, and so many have failed or come back.
    pub paid: i64,
    pub failed: i64,
}

impl PayoutFile {
    pub fn new(
        id: PayoutFileId,
        batch_id: BatchId,
        format: Format,
        order: &Order,
        digest: Vec<u8>,
        size: usize,
        made_by: PersonId,
    ) -> Self {
        // The end of the id is what differs between files of one moment.
        let id_text = id.0.simple().to_string();
        let end = id_text.get(24..).unwrap_or_default();
        let (day, currency) = (order.made_at.format("%Y-%m-%d"), order.currency.code());
        Self {
            id,
            batch_id,
            format,
            name: format!("{}-{day}-{currency}-{end}.{}", format.word(), format.extension()),
            digest,
            size: i64::try_from(size).unwrap_or(i64::MAX),
            transfers: i64::try_from(order.instructions.len()).unwrap_or(i64::MAX),
            minor: order.total(),
            currency: order.currency.clone(),
            pay_on: order.pay_on,
            made_by,
            made_by_name: None,
            made_at: order.made_at,
            withdrawn_at: None,
            paid: 0,
            failed: 0,
        }
    }
}

const FILE: &str = "SELECT f.id, f.batch_id, f.format, f.name, f.digest, f.size, f.transfers, f.minor, b.currency, f.pay_on, \
     f.made_by, n.name AS made_by_name, f.made_at, f.withdrawn_at, \
     (SELECT COUNT(*) FROM transfer t WHERE t.file_id = f.id AND t.state = 'paid') AS paid, \
     (SELECT COUNT(*) FROM transfer t WHERE t.file_id = f.id AND t.state IN ('failed', 'returned')) AS failed \
     FROM payout_file f JOIN pay_batch b ON b.id = f.batch_id JOIN person n ON n.id = f.made_by";

pub async fn by_id(db: &Db, id: PayoutFileId) -> Result<Option<PayoutFile>, DbError> {
    let sql = format!("{FILE} WHERE f.id = $1");
    on_db!(db, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

pub async fn by_id_in(tx: &mut Tx, id: PayoutFileId) -> Result<Option<PayoutFile>, DbError> {
    let sql = format!("{FILE} WHERE f.id = $1");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

pub async fn names(tx: &mut Tx, files: &[PayoutFileId]) -> Result<BTreeMap<PayoutFileId, String>, DbError> {
    let rows: Vec<(PayoutFileId, String)> = fetch_portions!(
        *tx,
        files,
        |count| format!("SELECT id, name FROM payout_file WHERE id IN ({})", places(count)),
        |sql| sqlx::query_as::<_, (PayoutFileId, String)>(&sql),
        |query, id| query.bind(*id)
    )?;
    Ok(rows.into_iter().collect())
}

pub async fn of_batch(db: &Db, batch: BatchId) -> Result<Vec<PayoutFile>, DbError> {
    let sql = format!("{FILE} WHERE f.batch_id = $1 ORDER BY f.id DESC");
    on_db!(db, c => sqlx::query_as(&sql).bind(batch).fetch_all(c).await)
}

/// How many files of a format were made on a day.
pub async fn made_on(tx: &mut Tx, format: Format, day: NaiveDate) -> Result<usize, DbError> {
    let from = day.and_time(NaiveTime::MIN).and_utc();
    let count: i64 = on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM payout_file WHERE format = $1 AND made_at >= $2 AND made_at < $3"
    ).bind(format).bind(from).bind(from + TimeDelta::days(1)).fetch_one(c).await)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

pub async fn put(tx: &mut Tx, file: &PayoutFile, sealed: &[u8]) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO payout_file (id, batch_id, format, name, digest, size, transfers, minor, pay_on, made_by, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        )
        .bind(file.id)
        .bind(file.batch_id)
        .bind(file.format)
        .bind(&file.name)
        .bind(&file.digest)
        .bind(file.size)
        .bind(file.transfers)
        .bind(file.minor)
        .bind(file.pay_on)
        .bind(file.made_by)
        .bind(file.made_at)
    )?;
    run_tx!(
        *tx,
        sqlx::query("INSERT INTO payout_content (file_id, sealed) VALUES ($1, $2)")
            .bind(file.id)
            .bind(sealed)
    )
    .map(drop)
}

pub async fn sealed(db: &Db, id: PayoutFileId) -> Result<Option<Vec<u8>>, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT sealed FROM payout_content WHERE file_id = $1").bind(id)
        .fetch_optional(c).await)
}

/// It was not sent; answers whether it was not withdrawn before.
pub async fn withdraw(
    tx: &mut Tx,
    id: PayoutFileId,
    by: PersonId,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = run_tx!(
        *tx,
        sqlx::query("UPDATE payout_file SET withdrawn_by = $2, withdrawn_at = $3 WHERE id = $1 AND withdrawn_at IS NULL")
            .bind(id)
            .bind(by)
            .bind(at)
    )?;
    Ok(done == 1)
}

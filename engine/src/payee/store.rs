use chrono::{DateTime, Utc};
use domain::ids::{AccountId, PersonId};
use domain::payee::Method;
use domain::people::PersonName;

use super::look::Wanted;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// An account, without what is sealed of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    pub id: AccountId,
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub method: Method,
    pub shown: String,
    pub entered_by: PersonId,
    pub entered_by_name: PersonName,
    pub entered_at: DateTime<Utc>,
    pub counts_from: DateTime<Utc>,
    pub released_by_name: Option<PersonName>,
    pub withdrawn_by_name: Option<PersonName>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl Kept {
    /// Entered, and neither withdrawn nor counting yet.
    pub fn is_held(&self, at: DateTime<Utc>) -> bool {
        self.withdrawn_at.is_none() && self.counts_from > at
    }
}

const KEPT: &str = "SELECT a.id, a.person_id, n.name AS person_name, a.method, a.shown, a.entered_by, \
     e.name AS entered_by_name, a.entered_at, a.counts_from, r.name AS released_by_name, w.name AS withdrawn_by_name, \
     a.withdrawn_at FROM payee_account a JOIN person n ON n.id = a.person_id JOIN person e ON e.id = a.entered_by \
     LEFT JOIN person r ON r.id = a.released_by LEFT JOIN person w ON w.id = a.withdrawn_by";

/// The SQL of the id of the account of somebody that counts at a moment: the latest that nobody has withdrawn and whose hold
/// is over.
pub fn counting(person: &str, at: &str) -> String {
    format!(
        "SELECT x.id FROM payee_account x WHERE x.person_id = {person} AND x.withdrawn_at IS NULL \
         AND x.counts_from <= {at} ORDER BY x.entered_at DESC, x.id DESC LIMIT 1"
    )
}

/// The accounts of somebody, the latest first.
pub async fn of(db: &Db, person: PersonId, limit: i64) -> Result<Vec<Kept>, DbError> {
    let sql = format!("{KEPT} WHERE a.person_id = $1 ORDER BY a.entered_at DESC, a.id DESC LIMIT $2");
    on_db!(db, c => sqlx::query_as(&sql).bind(person).bind(limit).fetch_all(c).await)
}

/// The same while nobody else changes them.
pub async fn of_in(tx: &mut Tx, person: PersonId) -> Result<Vec<Kept>, DbError> {
    let sql = format!("{KEPT} WHERE a.person_id = $1 ORDER BY a.entered_at DESC, a.id DESC");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(person).fetch_all(c).await)
}

pub async fn by_id_in(tx: &mut Tx, id: AccountId) -> Result<Option<Kept>, DbError> {
    let sql = format!("{KEPT} WHERE a.id = $1");
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

/// What is sealed of one.
pub async fn sealed_in(tx: &mut Tx, id: AccountId) -> Result<Option<String>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar("SELECT sealed FROM payee_account WHERE id = $1").bind(id).fetch_optional(c).await)
}

/// An account to be kept.
pub struct New<'a> {
    pub id: AccountId,
    pub person_id: PersonId,
    pub method: Method,
    pub sealed: &'a str,
    pub shown: &'a str,
    pub known_by: Option<Vec<u8>>,
    pub country: Option<&'a str>,
    pub entered_by: PersonId,
    pub entered_at: DateTime<Utc>,
    pub counts_from: DateTime<Utc>,
}

pub async fn put(tx: &mut Tx, new: New<'_>) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO payee_account (id, person_id, method, sealed, shown, known_by, entered_by, entered_at, counts_from, \
             country) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        )
        .bind(new.id)
        .bind(new.person_id)
        .bind(new.method)
        .bind(new.sealed)
        .bind(new.shown)
        .bind(new.known_by)
        .bind(new.entered_by)
        .bind(new.entered_at)
        .bind(new.counts_from)
        .bind(new.country)
    )
    .map(drop)
}

/// It will not count; answers whether it was not withdrawn before.
pub async fn withdraw(tx: &mut Tx, id: AccountId, by: PersonId, at: DateTime<Utc>) -> Result<bool, DbError> {
    let done = run_tx!(
        *tx,
        sqlx::query("UPDATE payee_account SET withdrawn_by = $2, withdrawn_at = $3 WHERE id = $1 AND withdrawn_at IS NULL")
            .bind(id)
            .bind(by)
            .bind(at)
    )?;
    Ok(done == 1)
}

/// It counts from now on; answers whether it was held until now.
pub async fn release(tx: &mut Tx, id: AccountId, by: PersonId, at: DateTime<Utc>) -> Result<bool, DbError> {
    let done = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE payee_account SET released_by = $2, counts_from = $3 \
             WHERE id = $1 AND withdrawn_at IS NULL AND counts_from > $3"
        )
        .bind(id)
        .bind(by)
        .bind(at)
    )?;
    Ok(done == 1)
}

/// The open batches that somebody is paid with, or somebody else who has the same account, are to be looked through again.
pub async fn unsettle(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE pay_batch SET version = version + 1 WHERE state = 'open' AND id IN (SELECT batch_id FROM payment \
             WHERE person_id = $1 OR person_id IN (SELECT o.person_id FROM payee_account o JOIN payee_account a \
             ON a.known_by = o.known_by WHERE a.person_id = $1))"
        )
        .bind(person)
    )
    .map(drop)
}

/// Somebody and where they are paid to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    pub person_id: PersonId,
    pub person_name: PersonName,
    pub method: Option<Method>,
    pub shown: Option<String>,
    pub counts_from: Option<DateTime<Utc>>,
    /// What is held, and until when.
    pub held_shown: Option<String>,
    pub held_until: Option<DateTime<Utc>>,
    /// So many others have the same account.
    pub others: i64,
}

/// By name, after somebody.
pub async fn list(
    db: &Db,
    wanted: Wanted,
    after: Option<PersonId>,
    at: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Listed>, DbError> {
    let only = match wanted {
        Wanted::All => "",
        Wanted::Held => " AND l.held_until IS NOT NULL",
        Wanted::Missing => " AND l.shown IS NULL",
        Wanted::Shared => " AND l.others > 0",
    };
    let counting = counting("n.id", "$1");
    let sql = format!(
        "SELECT * FROM (SELECT n.id AS person_id, n.name AS person_name, a.method, a.shown, a.counts_from, \
          h.shown AS held_shown, h.counts_from AS held_until, \
          (SELECT COUNT(DISTINCT o.person_id) FROM payee_account o WHERE o.known_by = a.known_by \
           AND o.withdrawn_at IS NULL AND o.person_id <> n.id) AS others \
         FROM person n \
         LEFT JOIN payee_account a ON a.id = ({counting}) \
         LEFT JOIN payee_account h ON h.id = (SELECT x.id FROM payee_account x WHERE x.person_id = n.id \
          AND x.withdrawn_at IS NULL AND x.counts_from > $1 ORDER BY x.entered_at DESC, x.id DESC LIMIT 1) \
         WHERE n.status <> 'disabled' AND (a.id IS NOT NULL OR h.id IS NOT NULL \
          OR EXISTS (SELECT 1 FROM project_member m WHERE m.person_id = n.id))) l \
         WHERE ($2 IS NULL OR (l.person_name, l.person_id) > (SELECT p.name, p.id FROM person p WHERE p.id = $2)){only} \
         ORDER BY l.person_name, l.person_id LIMIT $3"
    );
    on_db!(db, c => sqlx::query_as(&sql).bind(at).bind(after).bind(limit).fetch_all(c).await)
}

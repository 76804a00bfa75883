use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::ids::{BatchId, PersonId, SubjectId, TaskTypeId};
use domain::payment::{Finding, FindingKind};

use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// Something to look at in a batch, and who has.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Found {
    /// The person it is about, or the batch.
    pub subject_id: SubjectId,
    pub kind: FindingKind,
    pub figure: String,
    pub baseline: String,
    pub sentence: String,
    pub accepted_for: Option<String>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub accepted_by: Option<domain::people::PersonName>,
}

const OF: &str = "SELECT f.subject_id, f.kind, f.figure, f.baseline, f.sentence, f.accepted_for, f.accepted_at, \
     a.name AS accepted_by FROM pay_finding f LEFT JOIN person a ON a.id = f.accepted_by \
     WHERE f.batch_id = $1 ORDER BY f.subject_id, f.kind";

pub async fn of(db: &Db, batch: BatchId) -> Result<Vec<Found>, DbError> {
    on_db!(db, c => sqlx::query_as(OF).bind(batch).fetch_all(c).await)
}

pub async fn of_in(tx: &mut Tx, batch: BatchId) -> Result<Vec<Found>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(OF).bind(batch).fetch_all(c).await)
}

/// Writes what was found anew. What somebody has accepted stays accepted as long as it says the same.
pub async fn put(tx: &mut Tx, batch: BatchId, found: &[(SubjectId, Finding)]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        found,
        "INSERT INTO pay_finding (batch_id, subject_id, kind, figure, baseline, sentence)",
        6,
        |query, (subject, it)| query
            .bind(batch)
            .bind(*subject)
            .bind(it.kind)
            .bind(&it.figure)
            .bind(&it.baseline)
            .bind(&it.sentence),
        " ON CONFLICT (batch_id, subject_id, kind) DO UPDATE SET figure = excluded.figure, \
         baseline = excluded.baseline, sentence = excluded.sentence, accepted_for = NULL, accepted_by = NULL, \
         accepted_at = NULL"
    )
}

pub async fn delete(tx: &mut Tx, batch: BatchId, gone: &[(SubjectId, FindingKind)]) -> Result<(), DbError> {
    for (subject, kind) in gone {
        run_tx!(
            *tx,
            sqlx::query("DELETE FROM pay_finding WHERE batch_id = $1 AND subject_id = $2 AND kind = $3")
                .bind(batch)
                .bind(*subject)
                .bind(*kind)
        )?;
    }
    Ok(())
}

/// Accepts what is said about somebody, if it still says the same; answers whether it does.
pub async fn accept(
    tx: &mut Tx,
    batch: BatchId,
    (subject, kind): (SubjectId, FindingKind),
    sentence: &str,
    reason: &str,
    (by, at): (Option<PersonId>, DateTime<Utc>),
) -> Result<bool, DbError> {
    let done = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE pay_finding SET accepted_for = $5, accepted_by = $6, accepted_at = $7 \
             WHERE batch_id = $1 AND subject_id = $2 AND kind = $3 AND sentence = $4"
        )
        .bind(batch)
        .bind(subject)
        .bind(kind)
        .bind(sentence)
        .bind(reason)
        .bind(by)
        .bind(at)
    )?;
    Ok(done == 1)
}

/// What somebody has done of one task in a batch.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Pace {
    pub person_id: PersonId,
    pub task_type_id: TaskTypeId,
    pub minutes: i64,
    pub units: i64,
}

/// Where both hours and units are known.
pub async fn paces(db: &Db, batch: BatchId) -> Result<Vec<Pace>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT p.person_id, s.task_type_id, CAST(SUM(s.minutes) AS BIGINT) AS minutes, \
         CAST(SUM(s.units) AS BIGINT) AS units FROM payment p JOIN payment_share s ON s.payment_id = p.id \
         WHERE p.batch_id = $1 AND s.minutes > 0 AND s.units > 0 GROUP BY p.person_id, s.task_type_id"
    ).bind(batch).fetch_all(c).await)
}

/// The weeks of the people of a batch that were paid before, since a day: person, task, minutes and units.
pub async fn weeks_before(
    db: &Db,
    batch: BatchId,
    since: NaiveDate,
) -> Result<Vec<(PersonId, TaskTypeId, i64, i64)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT e.person_id, s.task_type_id, CAST(SUM(s.minutes) AS BIGINT), CAST(SUM(s.units) AS BIGINT) \
         FROM payment p JOIN payment e ON e.person_id = p.person_id \
         JOIN pay_batch b ON b.id = e.batch_id AND b.state = 'approved' \
         JOIN payment_share s ON s.payment_id = e.id \
         WHERE p.batch_id = $1 AND s.monday >= $2 AND s.minutes > 0 AND s.units > 0 \
         GROUP BY e.person_id, s.task_type_id, s.monday"
    ).bind(batch).bind(since).fetch_all(c).await)
}

/// What the people of a batch got the last four times in the same currency, the last first.
pub async fn paid_before(
    db: &Db,
    batch: BatchId,
    currency: &Currency,
) -> Result<Vec<(PersonId, i64)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT person_id, minor FROM (SELECT e.person_id, e.pay_minor AS minor, \
          ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY b.until_on DESC, b.id DESC) AS place \
          FROM payment p JOIN payment e ON e.person_id = p.person_id \
          JOIN pay_batch b ON b.id = e.batch_id AND b.state = 'approved' AND b.currency = $2 \
          WHERE p.batch_id = $1 AND e.held_for IS NULL AND e.lines > 0) ranked \
         WHERE place <= 4 ORDER BY person_id, place"
    ).bind(batch).bind(currency).fetch_all(c).await)
}

/// What the last batches of the same currency and length came to, the last first.
pub async fn totals_before(
    db: &Db,
    currency: &Currency,
    before: NaiveDate,
) -> Result<Vec<(NaiveDate, NaiveDate, i64)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT b.from_on, b.until_on, CAST(SUM(p.pay_minor) AS BIGINT) FROM pay_batch b \
         JOIN payment p ON p.batch_id = b.id AND p.held_for IS NULL \
         WHERE b.state = 'approved' AND b.currency = $1 AND b.until_on < $2 \
         GROUP BY b.id, b.from_on, b.until_on ORDER BY b.until_on DESC LIMIT 24"
    ).bind(currency).bind(before).fetch_all(c).await)
}

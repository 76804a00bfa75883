//! Whose lines are to be consolidated, and whose turn it is.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{PersonId, ProjectId};
use uuid::Uuid;

use crate::db::rows::{fetch_portions, insert_rows, places, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// Somebody whose open lines have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DuePerson {
    pub person_id: PersonId,
    pub mark: Uuid,
    /// How many lines they have submitted that are not paid.
    pub lines: i64,
}

pub async fn mark(tx: &mut Tx, people: &[PersonId], mark: Uuid, at: DateTime<Utc>) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        people,
        "INSERT INTO pay_due (person_id, mark, since)",
        3,
        |query, person| query.bind(*person).bind(mark).bind(at),
        " ON CONFLICT (person_id) DO UPDATE SET mark = excluded.mark"
    )
}

/// Everybody with open lines on a project from a day on.
pub async fn mark_project(
    tx: &mut Tx,
    project: ProjectId,
    from: Option<NaiveDate>,
    mark: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pay_due (person_id, mark, since) SELECT person_id, $2, $3 FROM timesheet_line \
             WHERE state = 'submitted' AND project_id = $1 AND ($4 IS NULL OR work_on >= $4) \
             GROUP BY person_id ORDER BY person_id ON CONFLICT (person_id) DO UPDATE SET mark = excluded.mark"
        )
        .bind(project)
        .bind(mark)
        .bind(at)
        .bind(from)
    )
    .map(drop)
}

/// The days of the open batches that have lines of a project are another matter now.
pub async fn unsettle_project(tx: &mut Tx, project: ProjectId) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE pay_batch SET version = version + 1 WHERE state = 'open' \
             AND id IN (SELECT batch_id FROM pay_batch_project WHERE project_id = $1)"
        )
        .bind(project)
    )
    .map(drop)
}

/// Those of a batch who have something to be paid with, or to be made up for by, another one.
pub async fn mark_others(
    tx: &mut Tx,
    batch: domain::ids::BatchId,
    mark: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO pay_due (person_id, mark, since) SELECT person_id, $2, $3 FROM payment \
             WHERE batch_id = $1 AND (held_for IS NOT NULL OR lines = 0 OR minor + carried_minor < 0) \
             ORDER BY person_id ON CONFLICT (person_id) DO UPDATE SET mark = excluded.mark"
        )
        .bind(batch)
        .bind(mark)
        .bind(at)
    )
    .map(drop)
}

/// Some of those who are due, in the order of their ids.
pub async fn next(db: &Db, after: PersonId, limit: i64) -> Result<Vec<DuePerson>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT d.person_id, d.mark, (SELECT COUNT(*) FROM timesheet_line l \
         WHERE l.person_id = d.person_id AND l.state = 'submitted') AS lines \
         FROM pay_due d WHERE d.person_id > $1 ORDER BY d.person_id LIMIT $2"
    ).bind(after).bind(limit).fetch_all(c).await)
}

/// Whether anybody is due, or a batch was not looked through as it is now.
pub async fn is_any(db: &Db, at: DateTime<Utc>) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(db, c => sqlx::query_scalar(
        "SELECT CAST(1 AS BIGINT) WHERE EXISTS (SELECT 1 FROM pay_due) \
         OR EXISTS (SELECT 1 FROM pay_batch WHERE state = 'open' AND (settled <> version OR look_again_at <= $1))"
    ).bind(at).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Of these people, those whose mark is still the one it was; nobody changes their lines until the transaction ends.
pub async fn still(tx: &mut Tx, people: &[DuePerson]) -> Result<Vec<PersonId>, DbError> {
    let lock = tx.for_update("pay_due");
    let found = fetch_portions!(
        *tx,
        people,
        |count| format!(
            "SELECT person_id, mark FROM pay_due WHERE person_id IN ({}) ORDER BY person_id{lock}",
            places(count)
        ),
        |sql| sqlx::query_as::<_, (PersonId, Uuid)>(&sql),
        |query, person| query.bind(person.person_id)
    )?;
    let same = |person: &&DuePerson| found.contains(&(person.person_id, person.mark));
    Ok(people.iter().filter(same).map(|person| person.person_id).collect())
}

pub async fn done(tx: &mut Tx, people: &[PersonId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        people,
        |count| format!("DELETE FROM pay_due WHERE person_id IN ({})", places(count)),
        |sql| sqlx::query(&sql),
        |query, person| query.bind(*person)
    )
}

pub async fn approvals(db: &Db) -> Result<i64, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT approvals FROM pay_turn WHERE id = 1").fetch_one(c).await)
}

/// Waits until nobody else consolidates or approves; answers how many batches were approved so far.
pub async fn take_turn(tx: &mut Tx) -> Result<i64, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "UPDATE pay_turn SET approvals = approvals WHERE id = 1 RETURNING approvals"
    ).fetch_one(c).await)
}

pub async fn count_approval(tx: &mut Tx) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("UPDATE pay_turn SET approvals = approvals + 1 WHERE id = 1")).map(drop)
}

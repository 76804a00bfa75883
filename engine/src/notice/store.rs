use chrono::{DateTime, Utc};
use domain::ids::{NoticeId, PersonId};
use domain::notice::NoticeKind;
use domain::people::{Email, PersonName};

use super::New;
use crate::db::rows::{fetch_portions, insert_rows, places, places_after, run_portions};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What somebody was told.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Notice {
    pub id: NoticeId,
    pub kind: NoticeKind,
    pub sentence: String,
    pub path: String,
    pub made_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

pub struct Row {
    pub id: NoticeId,
    pub new: New,
    pub at: DateTime<Utc>,
    pub mail_from: DateTime<Utc>,
}

pub async fn put(tx: &mut Tx, rows: &[Row]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        rows,
        "INSERT INTO notice (id, person_id, kind, about, sentence, path, made_at, mail_from)",
        8,
        |query, it| query
            .bind(it.id)
            .bind(it.new.person)
            .bind(it.new.kind)
            .bind(&it.new.about)
            .bind(&it.new.sentence)
            .bind(&it.new.path)
            .bind(it.at)
            .bind(it.mail_from),
        " ON CONFLICT (kind, about, person_id) DO NOTHING"
    )
}

pub async fn of(
    db: &Db,
    person: PersonId,
    after: Option<NoticeId>,
    limit: i64,
) -> Result<Vec<Notice>, DbError> {
    let last = NoticeId(uuid::Uuid::max());
    on_db!(db, c => sqlx::query_as(
        "SELECT id, kind, sentence, path, made_at, read_at FROM notice WHERE person_id = $1 AND id < $2 \
         ORDER BY id DESC LIMIT $3"
    ).bind(person).bind(after.unwrap_or(last)).bind(limit).fetch_all(c).await)
}

pub async fn unread(db: &Db, person: PersonId) -> Result<i64, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM notice WHERE person_id = $1 AND read_at IS NULL LIMIT 100) AS few"
    ).bind(person).fetch_one(c).await)
}

/// Where it leads, if it is theirs.
pub async fn read(
    tx: &mut Tx,
    person: PersonId,
    id: NoticeId,
    at: DateTime<Utc>,
) -> Result<Option<String>, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "UPDATE notice SET read_at = COALESCE(read_at, $3), mail_from = NULL WHERE id = $1 AND person_id = $2 RETURNING path"
    ).bind(id).bind(person).bind(at).fetch_optional(c).await)
}

pub async fn read_all(
    tx: &mut Tx,
    person: PersonId,
    upto: NoticeId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE notice SET read_at = $3, mail_from = NULL WHERE person_id = $1 AND read_at IS NULL AND id <= $2"
        )
        .bind(person)
        .bind(upto)
        .bind(at)
    )
    .map(drop)
}

pub async fn is_mailed(db: &Db, person: PersonId) -> Result<bool, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT NOT EXISTS (SELECT 1 FROM notice_unmailed WHERE person_id = $1)")
        .bind(person).fetch_one(c).await)
}

pub async fn set_mailed(tx: &mut Tx, person: PersonId, mailed: bool) -> Result<(), DbError> {
    let sql = if mailed {
        "DELETE FROM notice_unmailed WHERE person_id = $1"
    } else {
        "INSERT INTO notice_unmailed (person_id) VALUES ($1) ON CONFLICT (person_id) DO NOTHING"
    };
    run_tx!(*tx, sqlx::query(sql).bind(person)).map(drop)
}

/// A notice that is to be mailed, and to whom.
#[derive(sqlx::FromRow)]
pub struct Letter {
    pub id: NoticeId,
    pub person_id: PersonId,
    pub name: PersonName,
    pub email: Email,
    /// Whether it is to be sent at all: they want mails, and are still here.
    pub is_wanted: bool,
    pub kind: NoticeKind,
    pub sentence: String,
    pub path: String,
    pub made_at: DateTime<Utc>,
    pub tries: i64,
}

pub async fn is_any_due(db: &Db, at: DateTime<Utc>) -> Result<bool, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM notice WHERE mail_from <= $1)").bind(at)
        .fetch_one(c).await)
}

/// What is due of those who wait longest, person by person.
pub async fn due(db: &Db, at: DateTime<Utc>, people: i64) -> Result<Vec<Letter>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT n.id, n.person_id, p.name, p.email, \
         (p.status = 'active' AND NOT EXISTS (SELECT 1 FROM notice_unmailed u WHERE u.person_id = p.id)) AS is_wanted, \
         n.kind, n.sentence, n.path, n.made_at, n.tries FROM notice n JOIN person p ON p.id = n.person_id \
         WHERE n.mail_from <= $1 AND n.person_id IN \
          (SELECT person_id FROM notice WHERE mail_from <= $1 GROUP BY person_id ORDER BY MIN(mail_from), person_id LIMIT $2) \
         ORDER BY n.person_id, n.id"
    ).bind(at).bind(people).fetch_all(c).await)
}

/// They were mailed, or will not be.
pub async fn mailed(tx: &mut Tx, ids: &[NoticeId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        ids,
        |count| format!("UPDATE notice SET mail_from = NULL WHERE id IN ({})", places(count)),
        |sql| sqlx::query(&sql),
        |query, id| query.bind(*id)
    )
}

/// They could not be mailed, and are tried again then.
pub async fn again(tx: &mut Tx, ids: &[NoticeId], from: DateTime<Utc>) -> Result<(), DbError> {
    run_portions!(
        *tx,
        ids,
        |count| format!(
            "UPDATE notice SET mail_from = $1, tries = tries + 1 WHERE mail_from IS NOT NULL AND id IN ({})",
            places_after(1, count)
        ),
        |sql| sqlx::query(&sql).bind(from),
        |query, id| query.bind(*id)
    )
}

pub async fn take_back(tx: &mut Tx, kind: NoticeKind, abouts: &[String]) -> Result<Vec<(String,)>, DbError> {
    fetch_portions!(
        *tx,
        abouts,
        |count| format!(
            "DELETE FROM notice WHERE kind = $1 AND read_at IS NULL AND mail_from IS NOT NULL AND about IN ({}) RETURNING about",
            places_after(1, count)
        ),
        |sql| sqlx::query_as::<_, (String,)>(&sql).bind(kind),
        |query, about| query.bind(about)
    )
}

pub async fn forget(tx: &mut Tx, before: DateTime<Utc>, most: i64) -> Result<u64, DbError> {
    run_tx!(
        *tx,
        sqlx::query("DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE read_at < $1 LIMIT $2)")
            .bind(before)
            .bind(most)
    )
}

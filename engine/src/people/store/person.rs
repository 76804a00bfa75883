use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use domain::people::{Email, Person, Roles};
use sqlx::query::QueryScalar;

use crate::db::rows::{insert_rows, places, portions};
use crate::db::{Db, DbError, Tx};
use crate::page::containing;
use crate::people::Filter;
use crate::{on_db, on_tx, run_tx};

/// Every column of a [`Person`]; the second step stands with the credentials.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.email, p.name, p.roles, p.zone, p.status, \
             COALESCE((SELECT c.totp_enabled FROM credential c WHERE c.person_id = p.id), FALSE) AS two_step, \
             p.version, p.created_at, p.seen_at FROM person p ",
            $rest
        )
    };
}
pub(in crate::people) use select;

pub async fn insert(tx: &mut Tx, people: &[Person]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        people,
        "INSERT INTO person (id, email, name, name_key, roles, zone, status, version, created_at)",
        9,
        |query, person| query
            .bind(person.id)
            .bind(&person.email)
            .bind(&person.name)
            .bind(person.name.as_str().to_lowercase())
            .bind(person.roles)
            .bind(&person.zone)
            .bind(person.status)
            .bind(person.version)
            .bind(person.created_at)
    )
}

/// Which of these addresses somebody here has.
pub async fn known(db: &Db, emails: &[Email]) -> Result<HashSet<Email>, DbError> {
    let mut known = HashSet::new();
    for some in portions(emails) {
        let sql = format!("SELECT email FROM person WHERE email IN ({})", places(some.len()));
        let found: Vec<Email> = on_db!(db, c => some.iter().fold(sqlx::query_scalar(&sql), QueryScalar::bind)
            .fetch_all(c).await)?;
        known.extend(found);
    }
    Ok(known)
}

/// Writes what can change, if nobody else has since this version was read.
pub async fn update(tx: &mut Tx, person: &Person) -> Result<bool, DbError> {
    let updated = run_tx!(
        *tx,
        sqlx::query(
            "UPDATE person SET name = $3, name_key = $4, roles = $5, zone = $6, status = $7, version = version + 1 \
             WHERE id = $1 AND version = $2"
        )
        .bind(person.id)
        .bind(person.version)
        .bind(&person.name)
        .bind(person.name.as_str().to_lowercase())
        .bind(person.roles)
        .bind(&person.zone)
        .bind(person.status)
    )?;
    Ok(updated == 1)
}

pub async fn by_id(db: &Db, id: PersonId) -> Result<Option<Person>, DbError> {
    on_db!(db, c => sqlx::query_as(select!("WHERE p.id = $1")).bind(id).fetch_optional(c).await)
}

/// A person that is about to be changed: nobody else changes them until the transaction ends.
pub async fn hold(tx: &mut Tx, id: PersonId) -> Result<Option<Person>, DbError> {
    run_tx!(*tx, sqlx::query("UPDATE person SET version = version WHERE id = $1").bind(id))?;
    by_id_in(tx, id).await
}

pub async fn by_id_in(tx: &mut Tx, id: PersonId) -> Result<Option<Person>, DbError> {
    on_tx!(*tx, c => sqlx::query_as(select!("WHERE p.id = $1")).bind(id).fetch_optional(c).await)
}

pub async fn by_email(db: &Db, email: &Email) -> Result<Option<Person>, DbError> {
    on_db!(db, c => sqlx::query_as(select!("WHERE p.email = $1")).bind(email).fetch_optional(c).await)
}

pub async fn any(db: &Db) -> Result<bool, DbError> {
    let one: Option<PersonId> = on_db!(db, c => sqlx::query_scalar("SELECT id FROM person LIMIT 1")
        .fetch_optional(c).await)?;
    Ok(one.is_some())
}

pub async fn any_in(tx: &mut Tx) -> Result<bool, DbError> {
    let one: Option<PersonId> = on_tx!(*tx, c => sqlx::query_scalar("SELECT id FROM person LIMIT 1")
        .fetch_optional(c).await)?;
    Ok(one.is_some())
}

/// How many active people have one of these roles, besides one person. The rows are few and the answer matters (the
/// last admin must not go), so they are counted.
pub async fn others_active(tx: &mut Tx, roles: Roles, besides: PersonId) -> Result<i64, DbError> {
    on_tx!(*tx, c => sqlx::query_scalar(
        "SELECT count(*) FROM person WHERE status = 'active' AND roles & $1 <> 0 AND id <> $2"
    ).bind(roles).bind(besides).fetch_one(c).await)
}

/// Everybody a filter lets through, by name, after the given person.
pub async fn list(db: &Db, filter: &Filter, limit: i64) -> Result<Vec<Person>, DbError> {
    let pattern = filter.text.as_deref().filter(|text| !text.trim().is_empty()).map(containing);
    on_db!(db, c => sqlx::query_as(select!(
        "WHERE ($1 IS NULL OR p.name_key LIKE $1 ESCAPE '\\' OR p.email LIKE $1 ESCAPE '\\') \
         AND ($2 IS NULL OR p.roles & $2 <> 0) AND ($3 IS NULL OR p.status = $3) \
         AND ($4 IS NULL OR (p.name_key, p.id) > (SELECT k.name_key, k.id FROM person k WHERE k.id = $4)) \
         ORDER BY p.name_key, p.id LIMIT $5"
    )).bind(&pattern).bind(filter.role.map(|role| Roles::of(&[role]))).bind(filter.status)
      .bind(filter.after).bind(limit).fetch_all(c).await)
}

pub async fn seen(tx: &mut Tx, id: PersonId, at: DateTime<Utc>) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("UPDATE person SET seen_at = $2 WHERE id = $1").bind(id).bind(at)).map(drop)
}

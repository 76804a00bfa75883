use domain::payout::Payer;

use crate::Error;
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

const PAYER: &str = "SELECT payer, version FROM payer WHERE id = 1";

pub async fn get(db: &Db) -> Result<(Option<Payer>, i64), Error> {
    let set: Option<(String, i64)> = on_db!(db, c => sqlx::query_as(PAYER).fetch_optional(c).await)?;
    read(set)
}

pub async fn get_in(tx: &mut Tx) -> Result<Option<Payer>, Error> {
    let set: Option<(String, i64)> = on_tx!(*tx, c => sqlx::query_as(PAYER).fetch_optional(c).await)?;
    Ok(read(set)?.0)
}

fn read(set: Option<(String, i64)>) -> Result<(Option<Payer>, i64), Error> {
    match set {
        Some((text, version)) => Ok((Some(serde_json::from_str(&text)?), version)),
        None => Ok((None, 0)),
    }
}

/// Writes the next version, if nobody else has since this one was read.
pub async fn set(tx: &mut Tx, payer: &str, version: i64) -> Result<bool, DbError> {
    let set = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO payer (id, payer, version) VALUES (1, $1, $2 + 1) \
             ON CONFLICT (id) DO UPDATE SET payer = $1, version = $2 + 1 WHERE payer.version = $2"
        )
        .bind(payer)
        .bind(version)
    )?;
    Ok(set == 1)
}

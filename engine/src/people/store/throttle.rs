use chrono::{DateTime, Utc};
use domain::people::Throttle;

use crate::db::{DbError, Tx};
use crate::{on_tx, run_tx};

/// Moves the horizon of a key one step on, unless it is too far ahead already.
pub async fn charge(tx: &mut Tx, key: &str, rate: Throttle, now: DateTime<Utc>) -> Result<bool, DbError> {
    let first = rate.after(now, now).timestamp_micros();
    let charged = run_tx!(
        *tx,
        sqlx::query(
            "INSERT INTO throttle (key, horizon) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET horizon = \
             (CASE WHEN throttle.horizon > $3 THEN throttle.horizon ELSE $3 END) + $4 WHERE throttle.horizon <= $5"
        )
        .bind(key)
        .bind(first)
        .bind(now.timestamp_micros())
        .bind(rate.step.num_microseconds().unwrap_or(0))
        .bind(rate.limit(now).timestamp_micros())
    )?;
    Ok(charged > 0)
}

pub async fn horizon(tx: &mut Tx, key: &str) -> Result<Option<DateTime<Utc>>, DbError> {
    let micros: Option<i64> = on_tx!(*tx, c => sqlx::query_scalar("SELECT horizon FROM throttle WHERE key = $1")
        .bind(key).fetch_optional(c).await)?;
    Ok(micros.and_then(DateTime::from_timestamp_micros))
}

/// Moves the horizon of a key one step back.
pub async fn give_back(tx: &mut Tx, key: &str, rate: Throttle) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query("UPDATE throttle SET horizon = horizon - $2 WHERE key = $1")
            .bind(key)
            .bind(rate.step.num_microseconds().unwrap_or(0))
    )
    .map(drop)
}

/// Horizons in the past say nothing any more.
pub async fn forget_past(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, DbError> {
    run_tx!(*tx, sqlx::query("DELETE FROM throttle WHERE horizon < $1").bind(now.timestamp_micros()))
}

use crate::db::{Db, DbError};
use crate::{on_db, on_tx, run_tx};

pub async fn check(db: &Db) -> Result<Option<String>, DbError> {
    on_db!(db, c => sqlx::query_scalar("SELECT sealed FROM seal_check WHERE id = 1").fetch_optional(c).await)
}

/// Keeps it unless there is one; answers the one that counts.
pub async fn keep_check(db: &Db, sealed: &str) -> Result<String, DbError> {
    let mut tx = db.begin().await?;
    run_tx!(
        tx,
        sqlx::query("INSERT INTO seal_check (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING")
            .bind(sealed)
    )?;
    let kept =
        on_tx!(tx, c => sqlx::query_scalar("SELECT sealed FROM seal_check WHERE id = 1").fetch_one(c).await)?;
    tx.commit().await?;
    Ok(kept)
}

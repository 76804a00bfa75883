use std::collections::HashMap;

use domain::ids::RunId;

use super::aside::{Artifact, Hash, Reference};
use crate::db::rows::{change_runs, fetch_portions, places, run_portions, values};
use crate::db::{Db, DbError, Tx};
use crate::on_db;

/// Keeps what was set aside. What is there already is held until the transaction ends, so that whoever forgets it waits.
pub async fn keep(tx: &mut Tx, artifacts: &[Artifact]) -> Result<(), DbError> {
    // In one order, whoever else keeps some of them; and none twice in one statement.
    let mut once: Vec<_> = artifacts.iter().collect();
    once.sort_by_key(|artifact| artifact.hash);
    once.dedup_by_key(|artifact| artifact.hash);
    run_portions!(
        *tx,
        &once,
        |count| format!(
            "INSERT INTO artifact (hash, content) VALUES {} ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash",
            values(count, 2)
        ),
        |sql| sqlx::query(&sql),
        |query, artifact| query.bind(artifact.hash.as_slice()).bind(artifact.content.as_bytes())
    )?;
    run_portions!(
        *tx,
        artifacts,
        |count| format!(
            "INSERT INTO artifact_use (run_id, hash) VALUES {} ON CONFLICT (run_id, hash) DO NOTHING",
            values(count, 2)
        ),
        |sql| sqlx::query(&sql),
        |query, artifact| query.bind(artifact.run_id).bind(artifact.hash.as_slice())
    )
}

/// Puts what was set aside back into the places where references stand.
pub async fn bring_back(tx: &mut Tx, references: Vec<&mut String>) -> Result<(), DbError> {
    let wanted = hashes(&references);
    if wanted.is_empty() {
        return Ok(());
    }
    let found: Vec<(Vec<u8>, Vec<u8>)> = fetch_portions!(
        *tx,
        &wanted,
        |count| format!("SELECT hash, content FROM artifact WHERE hash IN ({})", places(count)),
        |sql| sqlx::query_as(&sql),
        |query, hash| query.bind(hash.as_slice())
    )?;
    put_back(references, found);
    Ok(())
}

/// The same, outside of any transaction.
pub async fn bring_back_now(db: &Db, references: Vec<&mut String>) -> Result<(), DbError> {
    let mut found = Vec::new();
    for hash in hashes(&references) {
        let one: Option<(Vec<u8>, Vec<u8>)> = on_db!(db, c => sqlx::query_as(
            "SELECT hash, content FROM artifact WHERE hash = $1"
        ).bind(hash.as_slice()).fetch_optional(c).await)?;
        found.extend(one);
    }
    put_back(references, found);
    Ok(())
}

fn hashes(references: &[&mut String]) -> Vec<Hash> {
    let mut all: Vec<_> =
        references.iter().filter_map(|text| Reference::read(text)).map(|it| it.hash).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Where nothing is found, the reference stays: it can be read by nobody, and whoever needs it says so of that run alone.
fn put_back(references: Vec<&mut String>, found: Vec<(Vec<u8>, Vec<u8>)>) {
    let mut by_hash = HashMap::new();
    for (hash, content) in found {
        let (Ok(hash), Ok(content)) = (Hash::try_from(hash), String::from_utf8(content)) else { continue };
        by_hash.insert(hash, content);
    }
    for text in references {
        let content = Reference::read(text).and_then(|reference| by_hash.get(&reference.hash));
        if let Some(content) = content {
            text.clone_from(content);
        }
    }
}

/// What was set aside for a run under this hash.
pub async fn content(db: &Db, run: RunId, hash: Hash) -> Result<Option<Vec<u8>>, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT content FROM artifact JOIN artifact_use ON artifact_use.hash = artifact.hash \
         WHERE artifact_use.run_id = $1 AND artifact.hash = $2"
    ).bind(run).bind(hash.as_slice()).fetch_optional(c).await)
}

/// These runs need nothing any more. What no other run needs goes with them.
pub async fn forget(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    let used: Vec<Vec<u8>> = fetch_portions!(
        *tx,
        runs,
        |count| format!(
            "SELECT DISTINCT hash FROM artifact_use WHERE run_id IN ({}) ORDER BY hash",
            places(count)
        ),
        |sql| sqlx::query_scalar::<_, Vec<u8>>(&sql),
        |query, run| query.bind(*run)
    )?;
    change_runs(tx, "DELETE FROM artifact_use WHERE", runs).await?;
    run_portions!(
        *tx,
        &used,
        |count| format!(
            "DELETE FROM artifact WHERE hash IN ({}) AND NOT EXISTS \
             (SELECT 1 FROM artifact_use WHERE artifact_use.hash = artifact.hash)",
            places(count)
        ),
        |sql| sqlx::query(&sql),
        |query, hash| query.bind(hash.as_slice())
    )
}

use chrono::{DateTime, Utc};
use domain::ids::WorkflowId;
use domain::run::Breaker;
use domain::workflow::WorkflowName;

use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// What is known of somebody who is asked.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// A kind and a name: `model:claims-reader`, `host:erp.example.com`.
    pub dependency: String,
    pub failures: i64,
    pub opened: i64,
    pub open_until: Option<DateTime<Utc>>,
    pub trial_until: Option<DateTime<Utc>>,
    pub last_error: String,
    pub failed_at: Option<DateTime<Utc>>,
}

impl Row {
    pub const fn breaker(&self) -> Breaker {
        Breaker {
            failures: self.failures,
            opened: self.opened,
            open_until: self.open_until,
            trial_until: self.trial_until,
        }
    }

    /// The same, as the breaker is now.
    #[must_use]
    pub fn with(self, breaker: Breaker) -> Self {
        let Breaker { failures, opened, open_until, trial_until } = breaker;
        Self { failures, opened, open_until, trial_until, ..self }
    }
}

/// What is known, made if nothing was; held until the transaction ends.
pub async fn hold(tx: &mut Tx, dependency: &str) -> Result<Row, DbError> {
    on_tx!(*tx, c => sqlx::query_as(
        "INSERT INTO breaker (dependency, failures, opened, last_error) VALUES ($1, 0, 0, '') \
         ON CONFLICT (dependency) DO UPDATE SET dependency = excluded.dependency RETURNING *"
    ).bind(dependency).fetch_one(c).await)
}

/// Keeps what is known; whoever is well is known no more.
pub async fn put(tx: &mut Tx, row: &Row) -> Result<(), DbError> {
    if row.breaker() == Breaker::default() {
        return run_tx!(*tx, sqlx::query("DELETE FROM breaker WHERE dependency = $1").bind(&row.dependency))
            .map(drop);
    }
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE breaker SET failures = $2, opened = $3, open_until = $4, trial_until = $5, last_error = $6, \
             failed_at = $7 WHERE dependency = $1"
        )
        .bind(&row.dependency)
        .bind(row.failures)
        .bind(row.opened)
        .bind(row.open_until)
        .bind(row.trial_until)
        .bind(&row.last_error)
        .bind(row.failed_at)
    )
    .map(drop)
}

/// What was noted before then and not since.
pub async fn forget_old(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), DbError> {
    run_tx!(*tx, sqlx::query("DELETE FROM breaker WHERE failed_at < $1").bind(before)).map(drop)
}

/// Those of whom nothing good was heard last.
pub async fn troubled(db: &Db, limit: i64) -> Result<Vec<Row>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT * FROM breaker WHERE failures > 0 ORDER BY dependency LIMIT $1"
    ).bind(limit).fetch_all(c).await)
}

/// The newest version of each workflow that says what its models may cost on a day: id, name, title and definition.
pub async fn limited(
    db: &Db,
    limit: i64,
) -> Result<Vec<(WorkflowId, WorkflowName, String, String)>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT workflow.id, workflow.name, workflow.title, version.definition FROM workflow \
         JOIN workflow_version AS version ON version.workflow_id = workflow.id AND version.number = workflow.version \
         WHERE version.definition LIKE '%\"cost_per_day\"%' ORDER BY workflow.name LIMIT $1"
    ).bind(limit).fetch_all(c).await)
}

/// What the models of a workflow have cost since then, in millionths of a dollar. The measure is in the text, so that the
/// index of costs is taken.
pub async fn spent(db: &Db, workflow: WorkflowId, since: DateTime<Utc>) -> Result<i64, DbError> {
    on_db!(db, c => sqlx::query_scalar(
        "SELECT COALESCE(CAST(SUM(count) AS BIGINT), 0) FROM hourly WHERE workflow_id = $1 AND hour >= $2 AND measure = 'cost'"
    ).bind(workflow).bind(since).fetch_one(c).await)
}

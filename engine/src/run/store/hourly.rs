//! What happened in each hour.

use chrono::{DateTime, Utc};
use domain::ids::WorkflowId;

use crate::db::rows::insert_rows;
use crate::db::{Db, DbError, Tx};
use crate::on_db;

/// What is counted, of what, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    pub workflow_id: WorkflowId,
    pub hour: DateTime<Utc>,
    /// Empty for runs as a whole.
    pub step: String,
    pub measure: &'static str,
    pub bucket: i64,
}

/// A sum over some hours and all who counted.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sum {
    pub step: String,
    pub measure: String,
    pub bucket: i64,
    pub count: i64,
}

/// Adds to what was counted before. Each may be there once only, and in their order.
pub async fn add_hourly(tx: &mut Tx, counter: i64, counts: &[(Counted, i64)]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        counts,
        "INSERT INTO hourly (workflow_id, hour, step, measure, bucket, counter, count)",
        7,
        |query, counted| query
            .bind(counted.0.workflow_id)
            .bind(counted.0.hour)
            .bind(&counted.0.step)
            .bind(counted.0.measure)
            .bind(counted.0.bucket)
            .bind(counter)
            .bind(counted.1),
        " ON CONFLICT (workflow_id, hour, step, measure, bucket, counter) DO UPDATE SET count = hourly.count + excluded.count"
    )
}

/// What was counted for a workflow since then.
pub async fn sums(db: &Db, workflow: WorkflowId, since: DateTime<Utc>) -> Result<Vec<Sum>, DbError> {
    on_db!(db, c => sqlx::query_as(
        "SELECT step, measure, bucket, CAST(SUM(count) AS BIGINT) AS count FROM hourly \
         WHERE workflow_id = $1 AND hour >= $2 GROUP BY step, measure, bucket ORDER BY step, measure, bucket"
    ).bind(workflow).bind(since).fetch_all(c).await)
}

use domain::ids::BatchId;

use crate::db::{DbError, Tx};
use crate::on_tx;
use crate::payment::Batch;

pub async fn by_id(tx: &mut Tx, id: BatchId) -> Result<Option<Batch>, DbError> {
    on_tx!(*tx, c => sqlx::query_as("SELECT * FROM pay_batch WHERE id = $1").bind(id).fetch_optional(c).await)
}

//! What was approved, as it was approved, for whoever wants to prove it.

use domain::Fault;
use domain::ids::BatchId;
use sha2::{Digest, Sha256};

use super::look::no_such_batch;
use super::store::approval::Approval;
use super::store::batch::Batch;
use super::store::look::Payment;
use super::{seen, store};
use crate::Error;
use crate::act::Act;
use crate::db::Db;

/// An approved batch with the text whose hash was approved.
pub(crate) struct Bundled {
    pub batch: Batch,
    pub text: String,
    pub payments: Vec<Payment>,
    /// Those who have said yes to exactly that.
    pub approvals: Vec<Approval>,
}

pub(crate) async fn bundled(db: &Db, act: &Act, id: BatchId) -> Result<Bundled, Error> {
    let batch = store::batch::by_id(db, id).await?.ok_or_else(no_such_batch)?;
    let Some(digest) = batch.digest.clone() else {
        return Err(Fault::conflict("This batch is not approved yet, so there is nothing to prove.").into());
    };
    let payments = store::look::payments(db, id).await?;
    let accounts = store::account::of(db, id, act.at).await?;
    let found = store::finding::of(db, id).await?;
    let text = seen::written(&batch, &payments, &accounts, &found);
    if Sha256::digest(&text).as_slice() != digest {
        return Err(Error::Seal("an approved batch is not what its hash says"));
    }
    let mut approvals = store::approval::of(db, id).await?;
    approvals.retain(|it| it.digest == digest);
    Ok(Bundled { batch, text, payments, approvals })
}

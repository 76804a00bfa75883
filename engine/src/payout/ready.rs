use domain::ids::{BatchId, TransferId};

use super::store::transfer::{self, New};
use crate::Error;
use crate::act::Act;
use crate::db::Tx;

/// Whatever was just approved and has somewhere to go is ready to be sent there.
pub(crate) async fn ready(tx: &mut Tx, act: &Act, batch: BatchId) -> Result<(), Error> {
    let due = transfer::due(tx, batch).await?;
    let (by, at) = (act.person().ok().map(|me| me.id), act.at);
    let new: Vec<_> = due
        .into_iter()
        .filter(|it| it.method.takes(&it.currency))
        .map(|it| New {
            id: TransferId(act.world.id()),
            payment_id: it.payment_id,
            batch_id: batch,
            account_id: it.account_id,
            minor: it.minor,
            follows: None,
            by,
            at,
        })
        .collect();
    Ok(transfer::put(tx, &new).await?)
}

use domain::Fault;
use serde_json::{Value, json};

use crate::Error;
use crate::act::Act;
use crate::audit::Audit;
use crate::db::Db;

/// A chain that is broken is no mishap: somebody has to look.
pub async fn check(db: &Db, act: &Act) -> Result<Value, Error> {
    let verified = Audit::new(db.clone()).verify(act).await?;
    match verified.broken {
        None => Ok(json!({ "lines": verified.lines, "head": verified.head })),
        Some(broken) => {
            let message =
                format!("The audit log does not hold: line {} is wrong, {}.", broken.seq, broken.why);
            Err(Fault::conflict(message).into())
        }
    }
}

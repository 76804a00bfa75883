//! Marking those whose payments are to be computed anew, in the transaction that changes what they depend on.

use chrono::NaiveDate;
use domain::ids::{PersonId, ProjectId};

use super::store;
use crate::act::Act;
use crate::db::{Db, DbError, Tx};

/// The lines of this person have changed.
pub async fn person(tx: &mut Tx, act: &Act, person: PersonId) -> Result<(), DbError> {
    store::due::mark(tx, &[person], act.world.id(), act.at).await
}

/// What work on this project is paid by has changed, or when; from a day on, if it is known.
pub async fn project(
    tx: &mut Tx,
    act: &Act,
    project: ProjectId,
    from: Option<NaiveDate>,
) -> Result<(), DbError> {
    store::due::mark_project(tx, project, from, act.world.id(), act.at).await
}

/// Whether there is anything to consolidate.
pub async fn is_any(db: &Db) -> Result<bool, DbError> {
    store::due::is_any(db).await
}

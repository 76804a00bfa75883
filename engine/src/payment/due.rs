//! Marking those whose payments are to be computed anew, in the transaction that changes what they depend on.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{PersonId, ProjectId};

use super::store;
use crate::act::Act;
use crate::db::{Db, DbError, Tx};

/// The lines of this person have changed.
pub async fn person(tx: &mut Tx, act: &Act, person: PersonId) -> Result<(), DbError> {
    store::due::mark(tx, &[person], act.world.id(), act.at).await
}

/// The same for many.
pub async fn people(tx: &mut Tx, act: &Act, people: &[PersonId]) -> Result<(), DbError> {
    store::due::mark(tx, people, act.world.id(), act.at).await
}

/// What work on this project is paid by has changed from a day on.
pub async fn rates(tx: &mut Tx, act: &Act, project: ProjectId, from: NaiveDate) -> Result<(), DbError> {
    store::due::mark_project(tx, project, Some(from), act.world.id(), act.at).await
}

/// When this project pays has changed.
pub async fn calendar(tx: &mut Tx, act: &Act, project: ProjectId) -> Result<(), DbError> {
    store::due::mark_project(tx, project, None, act.world.id(), act.at).await?;
    store::due::unsettle_project(tx, project).await
}

/// Whether there is anything to consolidate.
pub async fn is_any(db: &Db, at: DateTime<Utc>) -> Result<bool, DbError> {
    store::due::is_any(db, at).await
}

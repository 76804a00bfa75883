use domain::Fault;

use crate::db::Db;
use crate::seal::Seal;

/// The use cases of payouts.
#[derive(Clone)]
pub struct Payouts {
    pub(super) db: Db,
    pub(super) seal: Seal,
}

impl Payouts {
    pub const fn new(db: Db, seal: Seal) -> Self {
        Self { db, seal }
    }
}

pub(super) fn no_such_file() -> Fault {
    Fault::not_found("There is no such payment file.")
}

use crate::db::Db;

/// The use cases of payments.
#[derive(Clone)]
pub struct Payments {
    pub(super) db: Db,
}

impl Payments {
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

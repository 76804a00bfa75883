use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Email, PersonName, Roles, Zone};
use crate::audit::words;
use crate::ids::PersonId;

words! {
    /// Where a person's account stands.
    Status {
        Invited => "invited", "Invited";
        Active => "active", "Active";
        Disabled => "disabled", "Disabled";
    }
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Person {
    pub id: PersonId,
    pub email: Email,
    pub name: PersonName,
    pub roles: Roles,
    pub zone: Zone,
    pub status: Status,
    /// Whether signing in takes a second step.
    pub two_step: bool,
    /// Grows with every change, so that two editors notice each other.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub seen_at: Option<DateTime<Utc>>,
}

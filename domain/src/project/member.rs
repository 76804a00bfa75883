use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::PersonId;
use crate::people::{Email, PersonName, Role, Status};

/// Somebody on a project, with what they do there: a manager of the house may annotate on one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Member {
    pub person_id: PersonId,
    pub name: PersonName,
    pub email: Email,
    pub status: Status,
    pub role: Role,
    /// The first and the last day of their work on it, where they are known.
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ClientName, ProjectCode, ProjectName};
use crate::Currency;
use crate::audit::words;
use crate::ids::ProjectId;

words! {
    /// Whether work can be entered on it.
    ProjectStatus {
        Active => "active", "Active";
        Paused => "paused", "Paused";
        Closed => "closed", "Closed";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Project {
    pub id: ProjectId,
    pub code: ProjectCode,
    pub name: ProjectName,
    pub client: ClientName,
    pub currency: Currency,
    pub status: ProjectStatus,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

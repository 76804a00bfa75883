use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::audit::words;
use crate::ids::{ProjectId, TaskTypeId};
use crate::money::Pay;
use crate::people::one_line;
use crate::project::code::line_of_text;
use crate::text::text_type;

line_of_text!(
    /// What a kind of work is called.
    TaskName, 80, "a name"
);
line_of_text!(
    /// What is counted, in the singular: `image`.
    UnitName, 40, "what is counted"
);

words! {
    /// What a kind of work is paid by.
    PaidBy {
        Hours => "hours", "By the hour";
        Units => "units", "By the unit";
        Both => "both", "By the hour and by the unit";
    }
}

impl PaidBy {
    pub const fn hours(self) -> bool {
        matches!(self, Self::Hours | Self::Both)
    }

    pub const fn units(self) -> bool {
        matches!(self, Self::Units | Self::Both)
    }

    /// Whether a rate says all that this is paid by.
    pub const fn is_met_by(self, pay: Pay) -> bool {
        (!self.hours() || pay.hour.is_some()) && (!self.units() || pay.unit.is_some())
    }

    /// What of a rate counts for work that is paid so.
    #[must_use]
    pub fn of(self, pay: Pay) -> Pay {
        Pay { hour: pay.hour.filter(|_| self.hours()), unit: pay.unit.filter(|_| self.units()) }
    }
}

/// A kind of work on a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct TaskType {
    pub id: TaskTypeId,
    pub project_id: ProjectId,
    pub name: TaskName,
    pub paid_by: PaidBy,
    /// What is counted, where it is paid by the unit.
    pub unit: Option<UnitName>,
    /// What one person can enter for one day, at most.
    pub day_minutes: Option<i64>,
    pub day_units: Option<i64>,
    /// Whether new work can be entered on it.
    pub active: bool,
    pub version: i64,
}

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Level;
use crate::ids::{PersonId, ProjectId, RateId, TaskTypeId};
use crate::money::{Pay, WorkPrice};

/// Whose work on what a rate is for. What is left out may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Scope {
    pub task_type_id: Option<TaskTypeId>,
    pub level: Option<Level>,
    pub person_id: Option<PersonId>,
}

impl Scope {
    /// The person counts more than the level, and the level more than the task; all of it tells any two apart.
    pub const fn weight(&self) -> u8 {
        (self.person_id.is_some() as u8) << 2
            | (self.level.is_some() as u8) << 1
            | self.task_type_id.is_some() as u8
    }
}

/// A piece of work as rates see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct For<'a> {
    pub task_type_id: TaskTypeId,
    pub level: Option<&'a Level>,
    pub person_id: PersonId,
}

impl For<'_> {
    /// Every scope that this work is in, the most specific first.
    pub fn scopes(self) -> impl Iterator<Item = Scope> {
        (0..8_u8).rev().filter_map(move |weight| {
            let level = if weight & 2 == 0 { None } else { Some(self.level?.clone()) };
            Some(Scope {
                task_type_id: (weight & 1 != 0).then_some(self.task_type_id),
                level,
                person_id: (weight & 4 != 0).then_some(self.person_id),
            })
        })
    }
}

/// What an hour and a unit are paid for some work of a project, from a day on. Without either, a rate ends on that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Rate {
    pub id: RateId,
    pub project_id: ProjectId,
    #[cfg_attr(feature = "sql", sqlx(flatten))]
    #[serde(flatten)]
    pub scope: Scope,
    pub from_on: NaiveDate,
    pub hour_price: Option<WorkPrice>,
    pub unit_price: Option<WorkPrice>,
    pub written_by: Option<PersonId>,
    pub written_at: DateTime<Utc>,
}

impl Rate {
    pub const fn pay(&self) -> Pay {
        Pay { hour: self.hour_price, unit: self.unit_price }
    }

    /// Whether it only says that what was before applies no more.
    pub const fn is_end(&self) -> bool {
        self.hour_price.is_none() && self.unit_price.is_none()
    }
}

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Stints;
use crate::Wrong;
use crate::audit::words;
use crate::ids::{FileId, LineId, PersonId, ProjectId, TaskTypeId};
use crate::people::one_line;
use crate::text::text_type;

words! {
    /// How far a line has come. Only what is a draft or was returned can be changed by whoever entered it.
    LineState {
        Draft => "draft", "Draft";
        Submitted => "submitted", "Submitted";
        Returned => "returned", "Returned";
        Approved => "approved", "Approved";
    }
}

impl LineState {
    /// By whoever entered it.
    pub const fn can_change(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }

    /// By staff, who can change what was submitted, too. What was approved nobody changes.
    pub const fn staff_can_change(self) -> bool {
        !matches!(self, Self::Approved)
    }
}

words! {
    /// How a line came in.
    LineSource {
        Grid => "grid", "Entered";
        Api => "api", "By the API";
        Import => "import", "From a file";
        Staff => "staff", "Entered by staff";
    }
}

/// What somebody has to say about a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct LineNote(String);

impl LineNote {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        one_line(text, 500, "a note").map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(LineNote);

/// What a person has worked on one task on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Line {
    pub id: LineId,
    pub person_id: PersonId,
    pub project_id: ProjectId,
    pub task_type_id: TaskTypeId,
    pub work_on: NaiveDate,
    pub minutes: i64,
    /// From when until when, where it was said: together they are as long as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "sql", sqlx(json(nullable)))]
    pub stints: Option<Stints>,
    pub units: i64,
    /// What it comes to by the rate it was entered at, in minor units of the project's currency.
    pub minor: i64,
    pub note: Option<LineNote>,
    pub state: LineState,
    /// What was unusual about it was looked at, and is so.
    pub confirmed: bool,
    pub source: LineSource,
    /// What another program calls it.
    pub external_id: Option<String>,
    pub submitted_at: Option<DateTime<Utc>>,
    /// Why it was returned.
    pub returned_for: Option<String>,
    pub version: i64,
    /// How many lines for the same work were reversed before it.
    pub take: i64,
    /// The file it came in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<FileId>,
}

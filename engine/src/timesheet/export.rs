//! Timesheets as a table, for other programs: the columns are those that files of timesheets are read by, and what is read back
//! are the same lines.

use chrono::NaiveDate;
use domain::Fault;
use domain::ids::ProjectId;
use domain::people::Permission;
use domain::timesheet::Hours;

use super::Timesheets;
use super::store::written::{self, After, Written};
use crate::Error;
use crate::act::Act;
use crate::table;

/// How many lines are held in memory at once.
const CHUNK: i64 = 2_000;

/// No more days at once: a hundred years are no question.
const MOST_DAYS: i64 = 1_100;

const TITLES: [&str; 11] = [
    "Email",
    "Called",
    "Project",
    "Task",
    "Date",
    "Hours",
    "Units",
    "Note",
    "External id",
    "State",
    "Submitted",
];

/// Which lines.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// Of this project only.
    pub project: Option<ProjectId>,
}

impl Wanted {
    /// From words of an address: days like 2026-11-01, and a project or nothing.
    pub fn parse(from: &str, until: &str, project: &str) -> Result<Self, Fault> {
        let day = |name, text: &str| {
            text.trim().parse().map_err(|_| Fault::field(name, "Enter a day like 2026-11-01."))
        };
        let (from, until): (NaiveDate, NaiveDate) = (day("from", from)?, day("until", until)?);
        if until < from {
            return Err(Fault::field("until", "The last day is before the first."));
        }
        if (until - from).num_days() > MOST_DAYS {
            return Err(Fault::field("until", "Ask for three years at most."));
        }
        let project = match project.trim() {
            "" => None,
            id => Some(id.parse().map_err(|_| Fault::field("project", "There is no such project."))?),
        };
        Ok(Self { from, until, project })
    }
}

/// Where an export goes on.
#[derive(Clone, Debug)]
pub struct Place(Option<After>);

impl Timesheets {
    /// Whether somebody may have it, and where it begins.
    pub fn begin_export(&self, act: &Act) -> Result<(String, Place), Error> {
        act.need(Permission::SeeTimesheets)?;
        Ok((table::row(TITLES)?, Place(None)))
    }

    /// Some lines as text, and the place to go on from; none at the end.
    pub async fn export(
        &self,
        act: &Act,
        wanted: &Wanted,
        place: &Place,
    ) -> Result<(String, Option<Place>), Error> {
        act.need(Permission::SeeTimesheets)?;
        let lines = written::after(&self.projects.db, wanted, place.0.as_ref(), CHUNK).await?;
        let mut text = String::new();
        for line in &lines {
            text.push_str(&row(line)?);
        }
        let is_last = i64::try_from(lines.len()).unwrap_or(i64::MAX) < CHUNK;
        let next = lines.last().filter(|_| !is_last).map(|line| Place(Some(After::of(line))));
        Ok((text, next))
    }
}

fn row(line: &Written) -> Result<String, Error> {
    let hours = match &line.stints {
        Some(stints) => stints.to_string(),
        None if line.minutes == 0 => String::new(),
        None => Hours::of_minutes(line.minutes).to_string(),
    };
    let units = if line.units == 0 { String::new() } else { line.units.to_string() };
    table::row([
        line.email.to_string(),
        line.name.to_string(),
        line.project_code.to_string(),
        line.task_name.to_string(),
        line.work_on.to_string(),
        hours,
        units,
        line.note.as_ref().map(ToString::to_string).unwrap_or_default(),
        line.external_id.clone().unwrap_or_default(),
        line.state.word().to_owned(),
        line.submitted_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
    ])
}

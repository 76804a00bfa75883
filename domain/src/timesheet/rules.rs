//! What makes a line valid. The same rules judge what is typed in a browser, sent to the API, read from a file and
//! changed by staff; whoever asks gathers the circumstances, and nothing here looks anything up.
//!
//! What is wrong refuses a line. What is only unusual asks for a word of the person who enters it: they confirm it, and
//! nobody else has to.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::week::is_weekend;
use super::{Hours, Stint, Stints};
use crate::money::Pay;
use crate::number::whole;
use crate::period::Calendar;
use crate::project::{PaidBy, ProjectStatus};
use crate::{Currency, Wrong};

#[cfg(test)]
mod tests;

/// Beyond these, somebody is asked whether it is so.
pub const USUAL_PROJECT_DAY: i64 = 8 * 60;
pub const USUAL_DAY: i64 = 12 * 60;
pub const USUAL_WEEK: i64 = 60 * 60;

/// Nobody does more of anything in a day.
const MOST_UNITS: i64 = 1_000_000;

/// How many of what is counted.
pub fn units(text: &str) -> Result<i64, Wrong> {
    whole(text, MOST_UNITS)
}

/// What was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub minutes: i64,
    /// From when until when, if that was said.
    pub stints: Option<Stints>,
    pub units: i64,
    pub has_note: bool,
}

/// The day of the work, as the person's clock has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub on: NaiveDate,
    /// The day it is where the person is.
    pub today: NaiveDate,
    /// 1,440 minutes but for the days on which the clocks change.
    pub length: i64,
}

/// What there is besides the line, on its day, in its week and in its period. The line itself is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// When the person worked on something else, as far as it was said.
    pub busy: Vec<Busy>,
    /// Of the person, on all projects.
    pub day_minutes: i64,
    pub week_minutes: i64,
    /// Of the person, on this project.
    pub project_day_minutes: i64,
    pub period_minutes: i64,
    /// Of everybody, on this project, ever.
    pub all_minutes: i64,
    pub all_units: i64,
    pub all_minor: i64,
}

/// A stretch of work on something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    pub stint: Stint,
    /// What it was.
    pub task: String,
}

/// What the project says about work on a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub status: ProjectStatus,
    pub task_is_active: bool,
    pub paid_by: PaidBy,
    pub unit: String,
    pub day_minutes: Option<i64>,
    pub day_units: Option<i64>,
    /// The person's first and last day on the project; no limit where there is none, nobody there without.
    pub assigned: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    pub calendar: Calendar,
    /// The day it is where the project counts its days.
    pub today: NaiveDate,
    pub backdate_days: i64,
    /// Staff may enter what comes too late: it is paid with the next period.
    pub for_staff: bool,
    pub period_minutes: Option<i64>,
    pub budget_minutes: Option<i64>,
    pub budget_units: Option<i64>,
    pub budget_minor: Option<i64>,
    pub currency: Currency,
    /// What the one rate that applies on the day pays; none if there is none.
    pub pay: Option<Pay>,
}

/// Which part of a line a word is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    Day,
    Hours,
    Units,
    Note,
}

impl Part {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "work_on",
            Self::Hours => "hours",
            Self::Units => "units",
            Self::Note => "note",
        }
    }
}

/// Something to be said about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub part: Part,
    pub message: String,
    /// Whether a word of the person is enough.
    pub soft: bool,
}

/// Why nothing can be entered for a task on a day, whatever it would be.
pub fn closed(day: &Day, place: &Place) -> Option<Wrong> {
    // Staff enter the work of others.
    let (whose, who) = if place.for_staff { ("Their", "They are") } else { ("Your", "You are") };
    if !matches!(place.status, ProjectStatus::Active) {
        return Some("This project takes no work now. Ask its manager.".into());
    }
    if !place.task_is_active {
        return Some("This task is not done any more. Ask the manager for the right one.".into());
    }
    if day.on > day.today {
        return Some("This day has not come yet.".into());
    }
    let Some((starts_on, ends_on)) = place.assigned else {
        let ask = if place.for_staff { "Put them on it first." } else { "Ask its manager." };
        return Some(format!("{who} not on this project. {ask}").into());
    };
    if let Some(start) = starts_on.filter(|start| day.on < *start) {
        return Some(format!("{whose} work here starts on {}.", written(start)).into());
    }
    if let Some(end) = ends_on.filter(|end| day.on > *end) {
        return Some(format!("{whose} work here ended on {}.", written(end)).into());
    }
    if place.for_staff {
        return None;
    }
    let last = place.calendar.closes_on(place.calendar.period_of(day.on));
    if place.today > last {
        return Some(format!("This period closed on {}. Ask the manager to enter it.", written(last)).into());
    }
    let first = place.today - Days::new(place.backdate_days.unsigned_abs());
    if day.on < first {
        let days = place.backdate_days;
        return Some(
            format!("Work can be entered for {days} days; this is longer ago. Ask the manager.").into(),
        );
    }
    None
}

/// Everything to be said about a line.
pub fn judge(entry: &Entry, day: &Day, place: &Place, beside: &Beside) -> Vec<Finding> {
    let mut found = Findings::default();
    if let Some(wrong) = closed(day, place) {
        found.wrong(Part::Day, wrong.to_string());
        return found.0;
    }
    found.amounts(entry, place);
    found.hours(entry, day, place, beside);
    found.overlaps(entry, beside);
    found.units(entry, place, beside);
    match place.pay.filter(|pay| place.paid_by.is_met_by(*pay)) {
        None => {
            found.wrong(
                Part::Day,
                "There is no rate for this work on this day. Ask the manager to write one.",
            );
        }
        Some(pay) => found.cost(entry, place, pay, beside),
    }
    found.unusual(entry, day, beside);
    if !entry.has_note && found.0.iter().any(|finding| finding.soft && finding.part == Part::Hours) {
        found.wrong(Part::Note, "Say in a note why it is more than usual.");
    }
    found.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn wrong(&mut self, part: Part, message: impl Into<String>) {
        self.0.push(Finding { part, message: message.into(), soft: false });
    }

    fn unusual_at(&mut self, part: Part, message: impl Into<String>) {
        self.0.push(Finding { part, message: message.into(), soft: true });
    }

    /// What the task is paid by is there, and nothing else.
    fn amounts(&mut self, entry: &Entry, place: &Place) {
        let (hours, units) = (place.paid_by.hours(), place.paid_by.units());
        if entry.minutes < 0 || entry.units < 0 {
            self.wrong(Part::Hours, "Less than nothing cannot be worked.");
        }
        if !hours && entry.minutes > 0 {
            self.wrong(Part::Hours, format!("This is paid by the {}: enter units.", place.unit));
        }
        if !units && entry.units > 0 {
            self.wrong(Part::Units, "This is paid by the hour: enter hours.");
        }
        if hours && entry.minutes == 0 {
            self.wrong(Part::Hours, "Enter the hours, too.");
        }
        if !hours && units && entry.units == 0 {
            self.wrong(Part::Units, "Enter at least one.");
        }
    }

    fn hours(&mut self, entry: &Entry, day: &Day, place: &Place, beside: &Beside) {
        if entry.minutes + beside.day_minutes > day.length {
            let (length, others) = (Hours::of_minutes(day.length), Hours::of_minutes(beside.day_minutes));
            let message = if beside.day_minutes == 0 {
                format!("This day has {length} hours.")
            } else {
                format!("This day has {length} hours, and {others} are entered elsewhere.")
            };
            self.wrong(Part::Hours, message);
        }
        if let Some(most) = place.day_minutes.filter(|most| entry.minutes > *most) {
            self.wrong(Part::Hours, format!("At most {} a day of this.", Hours::of_minutes(most)));
        }
        self.within(Part::Hours, entry.minutes, beside.period_minutes, place.period_minutes, |left| {
            format!("Only {} more can be entered in this period.", Hours::of_minutes(left))
        });
        self.within(Part::Hours, entry.minutes, beside.all_minutes, place.budget_minutes, |left| {
            format!("The project has only {} left. Ask its manager.", Hours::of_minutes(left))
        });
    }

    fn overlaps(&mut self, entry: &Entry, beside: &Beside) {
        for stint in entry.stints.iter().flat_map(Stints::all) {
            if let Some(busy) = beside.busy.iter().find(|busy| busy.stint.overlaps(stint)) {
                let Busy { stint: other, task } = busy;
                self.wrong(
                    Part::Hours,
                    format!("{stint} overlaps with {other} on {task}. Change one of the two."),
                );
            }
        }
    }

    fn units(&mut self, entry: &Entry, place: &Place, beside: &Beside) {
        if let Some(most) = place.day_units.filter(|most| entry.units > *most) {
            self.wrong(Part::Units, format!("At most {most} a day of this."));
        }
        self.within(Part::Units, entry.units, beside.all_units, place.budget_units, |left| {
            format!("The project has only {left} left. Ask its manager.")
        });
    }

    fn cost(&mut self, entry: &Entry, place: &Place, pay: Pay, beside: &Beside) {
        let Some(most) = place.budget_minor else { return };
        let part = if place.paid_by.hours() { Part::Hours } else { Part::Units };
        let Some(cost) = place.paid_by.of(pay).of(entry.minutes, entry.units, &place.currency) else {
            self.wrong(part, "This comes to more than can be paid.");
            return;
        };
        if beside.all_minor.saturating_add(cost) > most {
            self.wrong(part, "This is more than what is left of the project's budget. Ask its manager.");
        }
    }

    fn within(
        &mut self,
        part: Part,
        entered: i64,
        beside: i64,
        most: Option<i64>,
        message: impl FnOnce(i64) -> String,
    ) {
        if let Some(most) = most
            && entered > 0
            && beside.saturating_add(entered) > most
        {
            self.wrong(part, message((most - beside).max(0)));
        }
    }

    fn unusual(&mut self, entry: &Entry, day: &Day, beside: &Beside) {
        if is_weekend(day.on) {
            self.unusual_at(Part::Day, format!("{} is a weekend.", day.on.format("%A")));
        }
        if entry.minutes == 0 {
            return;
        }
        let mut over = |total: i64, usual: i64, what: &str| {
            if total > usual {
                let (total, usual) = (Hours::of_minutes(total), Hours::of_minutes(usual));
                self.unusual_at(
                    Part::Hours,
                    format!("That makes {total} {what}, which is more than {usual}."),
                );
            }
        };
        over(entry.minutes + beside.project_day_minutes, USUAL_PROJECT_DAY, "on this project in a day");
        over(entry.minutes + beside.day_minutes, USUAL_DAY, "in a day");
        over(entry.minutes + beside.week_minutes, USUAL_WEEK, "in a week");
    }
}

fn written(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

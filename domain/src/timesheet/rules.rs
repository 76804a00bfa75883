//! What makes a line valid. The same rules judge what is typed in a browser, sent to the API, read from a file and
//! changed by staff; whoever asks gathers the circumstances, and nothing here looks anything up.
//!
//! What is wrong refuses a line. What is only unusual asks for a word of the person who enters it: they confirm it, and
//! nobody else has to.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Hours;
use super::week::is_weekend;
use crate::money::Pay;
use crate::number::whole;
use crate::period::Calendar;
use crate::project::{PaidBy, ProjectStatus};
use crate::{Currency, Wrong};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub minutes: i64,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
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
        return Some("You are not on this project. Ask its manager.".into());
    };
    if let Some(start) = starts_on.filter(|start| day.on < *start) {
        return Some(format!("Your work here starts on {}.", written(start)).into());
    }
    if let Some(end) = ends_on.filter(|end| day.on > *end) {
        return Some(format!("Your work here ended on {}.", written(end)).into());
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::WorkPrice;
    use crate::period::Rhythm;

    fn date(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn thursday() -> Day {
        Day { on: date(11, 26), today: date(11, 27), length: 1_440 }
    }

    fn place() -> Place {
        Place {
            status: ProjectStatus::Active,
            task_is_active: true,
            paid_by: PaidBy::Hours,
            unit: "image".to_owned(),
            day_minutes: None,
            day_units: None,
            assigned: Some((None, None)),
            calendar: Calendar {
                rhythm: Rhythm::Weekly,
                starts_on: date(1, 5),
                cut_off_days: 1,
                grace_days: 1,
                pay_days: 5,
            },
            today: date(11, 27),
            backdate_days: 30,
            for_staff: false,
            period_minutes: None,
            budget_minutes: None,
            budget_units: None,
            budget_minor: None,
            currency: Currency::parse("EUR").unwrap(),
            pay: Some(Pay { hour: WorkPrice::parse("20").ok(), unit: WorkPrice::parse("0.5").ok() }),
        }
    }

    fn hours(minutes: i64) -> Entry {
        Entry { minutes, units: 0, has_note: false }
    }

    /// The parts found, those that are only unusual in brackets.
    fn found(entry: Entry, day: Day, place: &Place, beside: Beside) -> String {
        let word = |finding: &Finding| {
            let word = finding.part.word();
            if finding.soft { format!("({word})") } else { word.to_owned() }
        };
        judge(&entry, &day, place, &beside).iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_ordinary_day_passes() {
        assert_eq!(found(hours(480), thursday(), &place(), Beside::default()), "");
    }

    #[test]
    fn nothing_is_entered_where_nothing_can_be() {
        let closed =
            |day: Day, place: Place| closed(&day, &place).map(|wrong| wrong.to_string()).unwrap_or_default();
        let on = |month, n| Day { on: date(month, n), ..thursday() };
        assert_eq!(closed(thursday(), place()), "");
        assert!(closed(on(11, 28), place()).contains("not come yet"));
        assert!(
            closed(thursday(), Place { status: ProjectStatus::Closed, ..place() }).contains("takes no work")
        );
        assert!(closed(thursday(), Place { task_is_active: false, ..place() }).contains("not done any more"));
        assert!(closed(thursday(), Place { assigned: None, ..place() }).contains("not on this project"));
        let from = Place { assigned: Some((Some(date(11, 27)), None)), ..place() };
        assert!(closed(thursday(), from).contains("starts on 27 November 2026"));
        let until = Place { assigned: Some((None, Some(date(11, 25)))), ..place() };
        assert!(closed(thursday(), until).contains("ended on 25 November 2026"));
        // The week before ended on the 22nd, was due on the 23rd and open until the 24th.
        assert!(closed(on(11, 22), place()).contains("closed on 24 November 2026"));
        assert_eq!(closed(on(11, 22), Place { today: date(11, 24), ..place() }), "");
        assert_eq!(closed(on(11, 22), Place { for_staff: true, ..place() }), "", "staff may still");
        let monthly = Calendar { rhythm: Rhythm::Monthly, grace_days: 60, ..place().calendar };
        assert!(closed(on(10, 1), Place { calendar: monthly, ..place() }).contains("30 days"));
    }

    #[test]
    fn a_task_takes_what_it_is_paid_by() {
        let units = |paid_by, minutes, units| {
            found(
                Entry { minutes, units, has_note: false },
                thursday(),
                &Place { paid_by, ..place() },
                Beside::default(),
            )
        };
        assert_eq!(units(PaidBy::Hours, 60, 3), "units");
        assert_eq!(units(PaidBy::Units, 60, 3), "hours");
        assert_eq!(units(PaidBy::Units, 0, 3), "");
        assert_eq!(units(PaidBy::Units, 0, 0), "units");
        assert_eq!(units(PaidBy::Both, 60, 0), "", "an hour in which nothing was finished");
        assert_eq!(units(PaidBy::Both, 0, 3), "hours");
        assert_eq!(units(PaidBy::Hours, -60, 0), "hours");
    }

    #[test]
    fn limits_hold_over_everything_there_is_beside() {
        let of = |beside: Beside, place: Place| found(hours(120), thursday(), &place, beside);
        let beside = |minutes| Beside {
            period_minutes: minutes,
            all_minutes: minutes,
            all_minor: minutes,
            ..Beside::default()
        };
        assert_eq!(of(beside(60), Place { period_minutes: Some(180), ..place() }), "");
        assert_eq!(of(beside(61), Place { period_minutes: Some(180), ..place() }), "hours");
        assert_eq!(of(beside(61), Place { budget_minutes: Some(180), ..place() }), "hours");
        assert_eq!(
            of(beside(60), Place { budget_minor: Some(4_060), ..place() }),
            "",
            "two hours are 40 euros"
        );
        assert_eq!(of(beside(60), Place { budget_minor: Some(4_059), ..place() }), "hours");
        assert_eq!(of(beside(0), Place { day_minutes: Some(119), ..place() }), "hours");
        assert_eq!(of(beside(0), Place { pay: None, ..place() }), "work_on", "no rate");
        let half = Pay { hour: None, unit: WorkPrice::parse("1").ok() };
        assert_eq!(
            of(beside(0), Place { pay: Some(half), ..place() }),
            "work_on",
            "a rate for something else"
        );
        let units = Place { paid_by: PaidBy::Units, budget_units: Some(10), day_units: Some(8), ..place() };
        let counted = |units_now, all_units| {
            let entry = Entry { units: units_now, ..Entry::default() };
            found(entry, thursday(), &units, Beside { all_units, ..Beside::default() })
        };
        assert_eq!([counted(8, 2), counted(9, 0), counted(8, 3)], ["", "units", "units"]);
    }

    #[test]
    fn the_day_is_as_long_as_the_clocks_make_it() {
        let on = |length, minutes, elsewhere| {
            let entry = Entry { has_note: true, ..hours(minutes) };
            let beside = Beside { day_minutes: elsewhere, ..Beside::default() };
            judge(&entry, &Day { length, ..thursday() }, &place(), &beside)
                .iter()
                .any(|finding| !finding.soft)
        };
        assert_eq!([on(1_440, 1_440, 0), on(1_440, 1_441, 0)], [false, true]);
        assert_eq!([on(1_380, 1_381, 0), on(1_500, 1_500, 0)], [true, false], "23 and 25 hours");
        assert_eq!([on(1_440, 440, 1_000), on(1_440, 441, 1_000)], [false, true], "across projects");
    }

    #[test]
    fn what_is_unusual_asks_for_a_word() {
        assert_eq!(found(hours(481), thursday(), &place(), Beside::default()), "(hours) note");
        let noted = Entry { has_note: true, ..hours(481) };
        assert_eq!(found(noted, thursday(), &place(), Beside::default()), "(hours)");
        let long = Beside { day_minutes: 600, week_minutes: 3_500, ..Beside::default() };
        let noted = Entry { has_note: true, ..hours(200) };
        assert_eq!(found(noted, thursday(), &place(), long), "(hours) (hours)");
        let saturday = Day { on: date(11, 28), today: date(11, 28), length: 1_440 };
        assert_eq!(
            found(hours(60), saturday, &place(), Beside::default()),
            "(work_on)",
            "a weekend needs no note"
        );
    }

    proptest! {
        #[test]
        fn what_passes_fits_into_every_limit(
            minutes in 0_i64..3_000, day_minutes in 0_i64..1_600, period in 0_i64..5_000, most in 0_i64..5_000,
        ) {
            let place = Place { period_minutes: Some(most), ..place() };
            let beside = Beside { day_minutes, period_minutes: period, ..Beside::default() };
            let entry = Entry { has_note: true, ..hours(minutes) };
            if judge(&entry, &thursday(), &place, &beside).iter().all(|finding| finding.soft) {
                prop_assert!(minutes >= 1 && minutes + day_minutes <= 1_440 && minutes + period <= most);
            }
        }
    }
}

use proptest::prelude::*;

use super::*;
use crate::money::WorkPrice;
use crate::period::Rhythm;
use crate::timesheet::Moment;

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
    Entry { minutes, ..Entry::default() }
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
    assert!(closed(thursday(), Place { status: ProjectStatus::Closed, ..place() }).contains("takes no work"));
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
            Entry { minutes, units, ..Entry::default() },
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
    assert_eq!(of(beside(60), Place { budget_minor: Some(4_060), ..place() }), "", "two hours are 40 euros");
    assert_eq!(of(beside(60), Place { budget_minor: Some(4_059), ..place() }), "hours");
    assert_eq!(of(beside(0), Place { day_minutes: Some(119), ..place() }), "hours");
    assert_eq!(of(beside(0), Place { pay: None, ..place() }), "work_on", "no rate");
    let half = Pay { hour: None, unit: WorkPrice::parse("1").ok() };
    assert_eq!(of(beside(0), Place { pay: Some(half), ..place() }), "work_on", "a rate for something else");
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
        judge(&entry, &Day { length, ..thursday() }, &place(), &beside).iter().any(|finding| !finding.soft)
    };
    assert_eq!([on(1_440, 1_440, 0), on(1_440, 1_441, 0)], [false, true]);
    assert_eq!([on(1_380, 1_381, 0), on(1_500, 1_500, 0)], [true, false], "23 and 25 hours");
    assert_eq!([on(1_440, 440, 1_000), on(1_440, 441, 1_000)], [false, true], "across projects");
}

#[test]
fn nobody_is_in_two_places_at_once() {
    let moment = |hour: u32| Moment {
        at: date(11, 26).and_hms_opt(hour, 0, 0).unwrap().and_utc().into(),
        which: None,
    };
    let stint = |from, until| Stint { from: moment(from), until: moment(until) };
    let entry = Entry { stints: Stints::new(vec![stint(9, 12), stint(13, 15)]).ok(), ..hours(300) };
    let said = |busy: Stint| {
        let busy = vec![Busy { stint: busy, task: "Label images".to_owned() }];
        let beside = Beside { busy, ..Beside::default() };
        judge(&entry, &thursday(), &place(), &beside).first().map(|finding| finding.message.clone())
    };
    assert_eq!(said(stint(12, 13)), None, "in between");
    assert_eq!(said(stint(15, 16)), None, "right after");
    let overlap = "9:00-12:00 overlaps with 11:00-12:00 on Label images. Change one of the two.";
    assert_eq!(said(stint(11, 12)).as_deref(), Some(overlap));
    assert!(said(stint(8, 16)).is_some(), "all around");
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

//! Dates as people and programs write them.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::cell::{Cell, broken};
use super::titles::folded;
use crate::Wrong;
use crate::timesheet::Week;

/// Which comes first where a date is only numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOrder {
    DayFirst,
    MonthFirst,
}

impl DayOrder {
    pub const fn word(self) -> &'static str {
        match self {
            Self::DayFirst => "day_first",
            Self::MonthFirst => "month_first",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::DayFirst, Self::MonthFirst].into_iter().find(|order| order.word() == text)
    }

    fn of(self, (first, second, year): (u32, u32, i32)) -> Option<NaiveDate> {
        match self {
            Self::DayFirst => NaiveDate::from_ymd_opt(year, second, first),
            Self::MonthFirst => NaiveDate::from_ymd_opt(year, first, second),
        }
    }
}

/// How a text can be read as a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    One(NaiveDate),
    /// Two numbers and a year, in an order that is not known.
    Either((u32, u32, i32)),
}

/// The orders that all dates of a column can be read in, none if they contradict each other; nothing if no date needs one.
pub fn orders<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<Vec<DayOrder>> {
    let mut orders = None;
    for cell in cells {
        if let Cell::Text(text) = cell
            && let Some(Read::Either(numbers)) = read(text)
        {
            let orders = orders.get_or_insert_with(|| vec![DayOrder::DayFirst, DayOrder::MonthFirst]);
            orders.retain(|order| order.of(numbers).is_some());
        }
    }
    orders
}

/// The day in a cell. Without an order, what can be read in two is refused.
pub fn day(cell: &Cell, order: Option<DayOrder>) -> Result<NaiveDate, Wrong> {
    let day = match cell {
        Cell::Day(day) => *day,
        Cell::Number(number) => serial_day(*number).ok_or_else(no_date)?,
        Cell::Text(text) => match read(text).ok_or_else(no_date)? {
            Read::One(day) => day,
            Read::Either(numbers) => {
                let order = order.ok_or(
                    "This can be read as day and month or as month and day. Say below which one it is.",
                )?;
                order.of(numbers).ok_or_else(no_date)?
            }
        },
        Cell::Broken(what) => return Err(broken(what)),
        Cell::Minutes(_) => {
            return Err("This is a time without a date. Write the date, like 2026-11-30.".into());
        }
        Cell::Empty => return Err("Enter the day that was worked.".into()),
    };
    if day.year() < 2000 {
        // An empty cell that is shown as a date, or a number that is none.
        return Err(format!(
            "This is a date in {}, so the cell holds something else. Write the day anew.",
            day.year()
        )
        .into());
    }
    Ok(day)
}

/// The numbers of the days that a sheet of hours can be about.
const SERIALS: std::ops::Range<f64> = 36_526.0..73_050.0;

/// Spreadsheets keep a date as the number of days since the end of 1899.
fn serial_day(number: f64) -> Option<NaiveDate> {
    let days = Some(number.trunc()).filter(|days| SERIALS.contains(days))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was looked at")]
    let days = Days::new(days as u64);
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(days)
}

fn no_date() -> Wrong {
    "This is no date. Write it like 2026-11-30.".into()
}

/// What a column of a week or a month is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayTitle {
    Day(NaiveDate),
    /// Of the week that is named above the table.
    Weekday(Weekday),
}

impl DayTitle {
    /// Titles often leave the year away: then it is the one that brings the day nearest to today.
    pub fn read(cell: &Cell, today: NaiveDate) -> Option<Self> {
        match cell {
            Cell::Day(day) => Some(Self::Day(*day)),
            Cell::Number(number) => serial_day(*number).map(Self::Day),
            Cell::Text(text) => match read(text) {
                Some(Read::One(day)) => Some(Self::Day(day)),
                Some(Read::Either(_)) => None,
                None => yearless(text, today).map(Self::Day).or_else(|| weekday(text).map(Self::Weekday)),
            },
            _ => None,
        }
    }

    /// The day itself; `week` is any day of the week that is named above the table.
    pub fn day(self, week: Option<NaiveDate>) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(day),
            Self::Weekday(weekday) => {
                Some(Week::of(week?).monday() + Days::new(weekday.num_days_from_monday().into()))
            }
        }
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    const NAMES: [(&[&str], Weekday); 7] = [
        (&["mon", "monday", "mo", "montag", "lundi", "lun", "lunes"], Weekday::Mon),
        (&["tue", "tues", "tuesday", "di", "dienstag", "mardi", "martes"], Weekday::Tue),
        (&["wed", "wednesday", "mi", "mittwoch", "mercredi", "miercoles"], Weekday::Wed),
        (&["thu", "thur", "thurs", "thursday", "do", "donnerstag", "jeudi", "jueves"], Weekday::Thu),
        (&["fri", "friday", "fr", "freitag", "vendredi", "viernes"], Weekday::Fri),
        (&["sat", "saturday", "sa", "samstag", "samedi", "sabado"], Weekday::Sat),
        (&["sun", "sunday", "so", "sonntag", "dimanche", "domingo"], Weekday::Sun),
    ];
    let text = folded(text);
    NAMES.iter().find(|(names, _)| names.contains(&text.as_str())).map(|(_, weekday)| *weekday)
}

/// English, German, French and Spanish, without accents.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janvier", "enero"],
    &["february", "februar", "fevrier", "febrero"],
    &["march", "marz", "maerz", "mrz", "mars", "marzo"],
    &["april", "avril", "abril"],
    &["may", "mai", "mayo"],
    &["june", "juni", "juin", "junio"],
    &["july", "juli", "juillet", "julio"],
    &["august", "aout", "agosto"],
    &["september", "septembre", "septiembre"],
    &["october", "oktober", "octobre", "octubre"],
    &["november", "novembre", "noviembre"],
    &["december", "dezember", "decembre", "diciembre"],
];

/// The month of a name, or of at least three letters that it begins with.
fn month(word: &str) -> Option<u32> {
    let word = folded(word);
    let place = MONTHS.iter().position(|names| names.iter().any(|name| name.starts_with(&word)))?;
    (word.len() >= 3).then(|| u32::try_from(place + 1).ok())?
}

/// The words and numbers of a date.
fn pieces(text: &str) -> Vec<&str> {
    let is_apart = |c: char| c.is_whitespace() || matches!(c, '.' | '/' | '-' | ',' | '(' | ')');
    let mut pieces: Vec<_> = text.split(is_apart).filter(|piece| !piece.is_empty()).collect();
    // The name of the day says nothing more.
    if pieces.len() > 1 && pieces.first().is_some_and(|first| weekday(first).is_some()) {
        pieces.remove(0);
    }
    pieces
}

fn number(piece: &str) -> Option<u32> {
    let piece =
        piece.trim_end_matches("st").trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("th");
    let digits = (1..=4).contains(&piece.len()) && piece.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| piece.parse().ok())?
}

fn year(piece: &str) -> Option<i32> {
    let year = i32::try_from(number(piece)?).ok()?;
    match piece.len() {
        2 => Some(2000 + year),
        4 => Some(year),
        _ => None,
    }
}

fn read(text: &str) -> Option<Read> {
    let text = text.trim();
    if text.len() == 5
        && let Some(number) = text.parse().ok()
    {
        return serial_day(number).map(Read::One);
    }
    let compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if compact {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(Read::One);
    }
    let text = without_time(text);
    let pieces = pieces(text);
    let [first, second, third] = pieces[..] else { return None };
    if first.len() == 4
        && let Some(year) = year(first)
    {
        let month = number(second).or_else(|| month(second))?;
        return NaiveDate::from_ymd_opt(year, month, number(third)?).map(Read::One);
    }
    let year = year(third)?;
    match (number(first), number(second)) {
        // Nobody writes dots and begins with the month.
        (Some(day), Some(month)) if text.contains('.') => {
            NaiveDate::from_ymd_opt(year, month, day).map(Read::One)
        }
        (Some(first), Some(second)) => Some(Read::Either((first, second, year))),
        (Some(day), None) => NaiveDate::from_ymd_opt(year, month(second)?, day).map(Read::One),
        (None, Some(day)) => NaiveDate::from_ymd_opt(year, month(first)?, day).map(Read::One),
        (None, None) => None,
    }
}

/// The date of a date and time: `2026-11-03T08:00:00Z`, `3.11.2026 08:00`.
fn without_time(text: &str) -> &str {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    if let Some(at) =
        text.find('T').filter(|at| *at >= 8 && is_digit(bytes.get(at - 1)) && is_digit(bytes.get(at + 1)))
    {
        return text.get(..at).unwrap_or(text);
    }
    match text.find(':').and_then(|colon| text.get(..colon)).and_then(|before| before.rfind(' ')) {
        Some(space) => text.get(..space).unwrap_or(text),
        None => text,
    }
}

/// `3.11.`, `Mon 3 Nov`, `Nov 3`.
fn yearless(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let pieces = pieces(text);
    let [first, second] = pieces[..] else { return None };
    let (day, month) = match (number(first), number(second)) {
        (Some(day), Some(month)) if text.contains('.') => (day, month),
        (Some(day), None) => (day, month(second)?),
        (None, Some(day)) => (day, month(first)?),
        _ => return None,
    };
    let years = [today.year() - 1, today.year(), today.year() + 1];
    let days = years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
    days.min_by_key(|day| (*day - today).num_days().abs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let third = on(2026, 11, 3);
        for written in [
            "2026-11-03",
            "2026/11/3",
            "20261103",
            "3.11.2026",
            "03.11.26",
            "Tue 03.11.2026",
            "3 Nov 2026",
            "3-Nov-26",
            "Nov 3, 2026",
            "November 3rd, 2026",
            "3. November 2026",
            "3 novembre 2026",
            "3 noviembre 2026",
            "Dienstag, 3. November 2026",
            "2026-11-03T08:00:00Z",
            "2026-11-03 08:00:00",
            "3.11.2026 8:00",
        ] {
            assert_eq!(day(&text(written), None).unwrap(), third, "{written}");
        }
        assert_eq!(day(&Cell::Number(46_329.0), None).unwrap(), third);
        assert_eq!(day(&text("46329"), None).unwrap(), third);
        assert_eq!(day(&text("3 juillet 2026"), None).unwrap(), on(2026, 7, 3));
        assert_eq!(day(&text("3 juin 2026"), None).unwrap(), on(2026, 6, 3));
        assert_eq!(day(&text("1. März 2026"), None).unwrap(), on(2026, 3, 1));
        for wrong in ["", "x", "31.2.2026", "2026-13-01", "3.11", "tomorrow", "1/2/3/2026", "32 Nov 2026"] {
            assert!(day(&text(wrong), Some(DayOrder::DayFirst)).is_err(), "{wrong}");
        }
        let of_1900 = day(&Cell::Day(on(1900, 1, 1)), None).unwrap_err().to_string();
        assert!(of_1900.contains("1900"), "{of_1900}");
        assert!(day(&Cell::Number(0.0), None).is_err());
    }

    #[test]
    fn the_order_of_numbers_is_that_of_the_whole_column() {
        let column = |texts: &[&str]| texts.iter().map(|it| text(it)).collect::<Vec<_>>();
        assert_eq!(orders(column(&["03/11/2026", "13/11/2026"]).iter()), Some(vec![DayOrder::DayFirst]));
        assert_eq!(orders(column(&["11/03/2026", "11/13/2026"]).iter()), Some(vec![DayOrder::MonthFirst]));
        assert_eq!(orders(column(&["03/11/2026", "04/11/2026"]).iter()).map(|orders| orders.len()), Some(2));
        assert_eq!(orders(column(&["13/11/2026", "11/13/2026"]).iter()), Some(vec![]));
        assert_eq!(orders(column(&["13.11.2026", "2026-11-13"]).iter()), None);
        let either = text("03/11/2026");
        assert!(day(&either, None).is_err());
        assert_eq!(day(&either, Some(DayOrder::DayFirst)).unwrap(), on(2026, 11, 3));
        assert_eq!(day(&either, Some(DayOrder::MonthFirst)).unwrap(), on(2026, 3, 11));
    }

    #[test]
    fn titles_may_leave_the_year_or_the_date_away() {
        let today = on(2026, 1, 5);
        let title = |written: &str| DayTitle::read(&text(written), today);
        assert_eq!(title("Mon 29.12."), Some(DayTitle::Day(on(2025, 12, 29))));
        assert_eq!(title("5 Jan"), Some(DayTitle::Day(on(2026, 1, 5))));
        assert_eq!(title("Wednesday"), Some(DayTitle::Weekday(Weekday::Wed)));
        assert_eq!(DayTitle::Weekday(Weekday::Wed).day(Some(today)), Some(on(2026, 1, 7)));
        for none in ["Hours", "Project 12", "Total", "12", "Martin"] {
            assert_eq!(title(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(written in ".{0,24}") {
            let _ = day(&text(&written), Some(DayOrder::DayFirst));
            let _ = DayTitle::read(&text(&written), on(2026, 11, 3));
        }

        #[test]
        fn every_day_reads_back(days in 0..30_000_u64) {
            let written = on(2000, 1, 1) + Days::new(days);
            for format in ["%Y-%m-%d", "%d.%m.%Y", "%-d %b %Y", "%B %-d, %Y", "%a %d.%m.%Y", "%Y%m%d"] {
                prop_assert_eq!(day(&text(&written.format(format).to_string()), None).unwrap(), written);
            }
            let slashed = written.format("%m/%d/%Y").to_string();
            prop_assert_eq!(day(&text(&slashed), Some(DayOrder::MonthFirst)).unwrap(), written);
        }
    }
}

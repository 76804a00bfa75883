//! A spreadsheet as cells, wherever it came from.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::Wrong;
use crate::timesheet::{Hours, Spent, rules};

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    Day(NaiveDate),
    /// A time of day or a length, in minutes.
    Minutes(i64),
    /// What a formula failed with, like `#REF!`.
    Broken(String),
}

/// A row, by the number its program shows beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub number: u32,
    pub cells: Vec<Cell>,
}

/// Cells that are shown as one, corners included. Rows by their numbers, columns counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    pub rows: (u32, u32),
    pub columns: (usize, usize),
}

/// One sheet. Rows without anything in them may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub rows: Vec<Row>,
    pub merged: Vec<Merged>,
}

impl Cell {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// As a person reads it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Broken(text) => Cow::Borrowed(text.trim()),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Day(day) => Cow::Owned(day.to_string()),
            Self::Minutes(minutes) => Cow::Owned(Hours::of_minutes(*minutes).to_string()),
        }
    }

    /// As a length of work, or as from when until when it was. None if there is nothing in it.
    pub fn spent(&self) -> Result<Option<Spent>, Wrong> {
        let minutes = |minutes| Some(Spent::Hours(Hours::of_minutes(minutes)));
        match self {
            Self::Empty => Ok(None),
            Self::Text(text) if is_nothing(text) => Ok(None),
            Self::Text(text) => match clock(text.trim()) {
                Some(length) => Ok(minutes(length)),
                None => Spent::parse(text).map(Some),
            },
            Self::Minutes(length) => Ok(minutes(*length)),
            Self::Number(hours) => whole(hours * 60.0).map(minutes),
            Self::Day(day) => {
                Err(format!("This is a date, {day}. Write hours like 7:30, 7.5 or 7h30.").into())
            }
            Self::Broken(what) => Err(broken(what)),
        }
    }

    /// As a number of what is counted. None if there is nothing in it.
    pub fn units(&self) -> Result<Option<i64>, Wrong> {
        match self {
            Self::Empty => Ok(None),
            Self::Text(text) if is_nothing(text) => Ok(None),
            Self::Text(text) => {
                rules::units(text.trim().trim_end_matches(".0").trim_end_matches(",0")).map(Some)
            }
            Self::Number(number) if number.fract() == 0.0 => whole(*number).map(Some),
            Self::Number(_) => Err("Enter a whole number, like 12.".into()),
            Self::Day(_) | Self::Minutes(_) => {
                Err("This is a date or a time. Enter a whole number, like 12.".into())
            }
            Self::Broken(what) => Err(broken(what)),
        }
    }
}

/// What people write where they have worked nothing.
fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "–" | "—")
}

/// `7:30:00`, as some programs write lengths. Seconds are rounded to the minute.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str, most: i64| {
        let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number <= most)
    };
    let (hours, minutes, seconds) = (number(hours, 9_999)?, number(minutes, 59)?, number(seconds, 59)?);
    parts.next().is_none().then_some(hours * 60 + minutes + i64::from(seconds >= 30))
}

pub(super) fn broken(what: &str) -> Wrong {
    format!("The formula in this cell fails with {what}. Put it right in the spreadsheet.").into()
}

fn whole(number: f64) -> Result<i64, Wrong> {
    if number < 0.0 {
        return Err("This is less than nothing.".into());
    }
    if !number.is_finite() || number > 1e9 {
        return Err("This is more than there can be.".into());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was looked at")]
    let whole = number.round() as i64;
    Ok(whole)
}

impl Row {
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

impl Table {
    /// The row of a number, if there is anything in it.
    pub fn row(&self, number: u32) -> Option<&Row> {
        let place = self.rows.binary_search_by_key(&number, |row| row.number).ok()?;
        self.rows.get(place)
    }
}

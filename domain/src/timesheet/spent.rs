//! Work as people write it down: how long it took, or from when until when.

use std::fmt;

use super::Hours;
use crate::Wrong;

/// Nobody begins anew more often in a day.
const MOST_STRETCHES: usize = 100;

/// The last minute that a clock has, and the one that ends a day.
const MIDNIGHT: i64 = 24 * 60;

/// `7:30`, or `9:00-12:30, 13:00-17:00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spent {
    Hours(Hours),
    /// As the clock on the wall showed it. Which moments those were says only the zone of whoever looked at it.
    Clock(Vec<Stretch>),
}

/// From one reading of the clock until another, on the same day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub from: Reading,
    pub until: Reading,
}

/// What a clock shows, in minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub minute: i64,
    /// Which one is meant where the clock shows it twice on a day.
    pub which: Option<Which>,
}

/// The night the clocks are put back has an hour twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    First,
    Second,
}

impl Spent {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        // The letters that mean something here are few: the browser need not bring the case of all there are.
        let text = text.trim().to_ascii_lowercase().replace(['–', '—'], "-");
        if text.contains('-') { clock(&text).map(Self::Clock) } else { Hours::parse(&text).map(Self::Hours) }
    }

    pub const fn nothing() -> Self {
        Self::Hours(Hours::of_minutes(0))
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::nothing()
    }

    /// How long it is on a day on which no clock is changed.
    pub fn usual_minutes(&self) -> i64 {
        match self {
            Self::Hours(hours) => hours.minutes(),
            Self::Clock(stretches) => {
                stretches.iter().map(|stretch| stretch.until.minute - stretch.from.minute).sum()
            }
        }
    }
}

fn clock(text: &str) -> Result<Vec<Stretch>, Wrong> {
    // What belongs to a time stands right behind it, so that a space separates.
    let mut joined = String::new();
    let mut words = text.split_ascii_whitespace().peekable();
    while let Some(word) = words.next() {
        joined.push_str(word);
        let goes_on = |next: &&str| matches!(next.as_bytes(), [b'-' | b'/', ..] | [b'a' | b'p', b'm', ..]);
        if !word.ends_with('-') && !words.peek().is_some_and(goes_on) {
            joined.push(' ');
        }
    }
    let is_between = |byte: &u8| matches!(byte, b',' | b';' | b'+' | b' ');
    let mut stretches = Vec::new();
    for part in joined.as_bytes().split(is_between).filter(|part| !part.is_empty()) {
        if stretches.len() == MOST_STRETCHES {
            return Err("These are more times than a day has room for.".into());
        }
        stretches.push(stretch(std::str::from_utf8(part).unwrap_or_default())?);
    }
    Ok(stretches)
}

fn stretch(text: &str) -> Result<Stretch, Wrong> {
    let wrong = || Wrong::from("Write times like 9:00-12:30, 13:00-17:15.");
    let (from, until) = text.split_once('-').ok_or_else(wrong)?;
    let (from, mut until) = (reading(from).ok_or_else(wrong)?, reading(until).ok_or_else(wrong)?);
    if from.minute == MIDNIGHT {
        return Err(wrong());
    }
    if until.minute == 0 && until.which.is_none() && from.minute > 0 {
        until.minute = MIDNIGHT;
    }
    // In the night that has an hour twice, 2:50 may well be before 2:10.
    let is_told = from.which.is_some() || until.which.is_some();
    if until.minute < from.minute && !is_told {
        return Err(format!(
            "{from}-{until} ends before it begins. What is after midnight is the next day's."
        )
        .into());
    }
    if until == from {
        return Err(format!("{from}-{until} is no time at all.").into());
    }
    Ok(Stretch { from, until })
}

impl Reading {
    /// A time of day, like 17:30.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text: String = text.to_ascii_lowercase().split_ascii_whitespace().collect();
        reading(&text).ok_or_else(|| "Write a time like 17:30.".into())
    }
}

/// `9`, `9:30`, `9.30`, `9h30`, `0930`, `9am`, `12:15pm`, `2:30/2`.
fn reading(text: &str) -> Option<Reading> {
    let (text, which) = match text.split_once('/') {
        None => (text, None),
        Some((text, "1")) => (text, Some(Which::First)),
        Some((text, "2")) => (text, Some(Which::Second)),
        Some(_) => return None,
    };
    let number = |text: &str, most: i64| {
        let is_short = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_short.then(|| text.parse::<i64>().ok()).flatten().filter(|number| *number <= most)
    };
    let (text, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(text), _) => (text, Some(0)),
        (_, Some(text)) => (text, Some(12)),
        _ => (text, None),
    };
    let (hour, minute) = match text.split_once([':', '.', 'h']) {
        Some((hour, "")) if text.ends_with('h') => (hour, 0),
        // 9:5 might be five minutes past, or half past: ask again.
        Some((hour, minute)) => (hour, number(minute, 59).filter(|_| minute.len() == 2)?),
        None if text.len() == 4 => (text.get(..2)?, number(text.get(2..)?, 59)?),
        None => (text, 0),
    };
    let hour = match half {
        None => number(hour, 24)?,
        Some(half) => number(hour, 12).filter(|hour| *hour > 0)? % 12 + half,
    };
    let minute = hour * 60 + minute;
    (minute <= MIDNIGHT).then_some(Reading { minute, which })
}

/// `7:30`, or `9:00-12:30, 13:00-17:00`.
impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(hours) => write!(f, "{hours}"),
            Self::Clock(stretches) => {
                for (place, Stretch { from, until }) in stretches.iter().enumerate() {
                    write!(f, "{}{from}-{until}", if place > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// `9:30`, `2:30/2`.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Hours::of_minutes(self.minute))?;
        match self.which {
            None => Ok(()),
            Some(Which::First) => f.write_str("/1"),
            Some(Which::Second) => f.write_str("/2"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        match Spent::parse(text) {
            Ok(spent) => spent.to_string(),
            Err(wrong) => format!("! {wrong}"),
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for text in [
            "9-12:30",
            "9:00 - 12:30",
            "09:00–12:30",
            "9.00-12.30",
            "0900-1230",
            "9h-12h30",
            "9 AM - 12:30 pm",
        ] {
            assert_eq!(read(text), "9:00-12:30", "{text}");
        }
        for (text, meant) in [
            ("9-12, 13-17:15", "9:00-12:00, 13:00-17:15"),
            ("9-12 13-17:15", "9:00-12:00, 13:00-17:15"),
            ("9am-12pm; 1pm-5pm", "9:00-12:00, 13:00-17:00"),
            ("22-24", "22:00-24:00"),
            ("22-0", "22:00-24:00"),
            ("0-24", "0:00-24:00"),
            ("12am-1am", "0:00-1:00"),
            ("2:50/1-2:10/2", "2:50/1-2:10/2"),
            ("7:30", "7:30"),
        ] {
            assert_eq!(read(text), meant, "{text}");
        }
        for wrong in [
            "-",
            "-1",
            "9-",
            "9-25",
            "9-12:60",
            "9-12:5",
            "9-12-13",
            "9-12, x",
            "13pm-14pm",
            "24-24",
            "9-10/3",
        ] {
            assert!(read(wrong).starts_with("! Write times"), "{wrong}: {}", read(wrong));
        }
        assert!(read("22-2").contains("after midnight"));
        assert!(read("9-9").contains("no time"));
        assert!(read(&"9-10 ".repeat(101)).contains("room"));
    }

    #[test]
    fn times_have_a_length() {
        assert_eq!(Spent::parse("9-12:30, 13-17:15").unwrap().usual_minutes(), 465);
        assert_eq!(Spent::parse("7.5").unwrap().usual_minutes(), 450);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[0-9:. ,;/hamp–-]{0,24}|.{0,20}") {
            let _ = Spent::parse(&text);
        }

        #[test]
        fn what_is_written_reads_back(from in 0_i64..1_439, length in 1_i64..600) {
            let until = (from + length).min(1_440);
            let reading = |minute| Reading { minute, which: None };
            let text = format!("{}-{}", reading(from), reading(until));
            prop_assert_eq!(
                Spent::parse(&text).unwrap(),
                Spent::Clock(vec![Stretch { from: reading(from), until: reading(until) }])
            );
        }
    }
}

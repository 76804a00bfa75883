use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Wrong;

/// A length of work in whole minutes, read the ways people write it: `7:30`, `7.5`, `7,5`, `7h30`, `7h`, `450m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Hours(i64);

impl Hours {
    /// More than a budget of a large project has.
    const MOST: i64 = 100_000_000 * 60;

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() {
            return Err("Enter hours, like 7:30, 7.5 or 7h30.".into());
        }
        let minutes = minutes(&text).ok_or("Write hours like 7:30, 7.5 or 7h30.")?;
        if minutes > Self::MOST {
            Err("That is more hours than there are.".into())
        } else {
            Ok(Self(minutes))
        }
    }

    pub const fn of_minutes(minutes: i64) -> Self {
        Self(minutes)
    }

    pub const fn minutes(self) -> i64 {
        self.0
    }
}

fn minutes(text: &str) -> Option<i64> {
    let number = |text: &str| {
        let text = text.trim();
        (!text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i64>().ok())?
    };
    let under_sixty = |text: &str| number(text).filter(|minutes| *minutes < 60);
    let hours = |text: &str| if text.trim().is_empty() { Some(0) } else { number(text) };
    if let Some((whole, part)) = text.split_once(':') {
        // 7:5 might be five minutes, or half an hour: ask again.
        return Some(hours(whole)? * 60 + under_sixty(part).filter(|_| part.trim().len() == 2)?);
    }
    let only_minutes = text.strip_suffix("min").or_else(|| text.strip_suffix('m'));
    if let Some((whole, part)) = text.split_once('h') {
        let part = part.strip_suffix("min").or_else(|| part.strip_suffix('m')).unwrap_or(part);
        let part = if part.trim().is_empty() { 0 } else { under_sixty(part)? };
        return Some(number(whole)? * 60 + part);
    }
    if let Some(text) = only_minutes {
        return number(text);
    }
    let Some((whole, part)) = text.split_once(['.', ',']) else { return Some(number(text)? * 60) };
    let places = u32::try_from(part.len()).ok().filter(|places| (1..=4).contains(places))?;
    let scale = 10_i64.pow(places);
    // To the nearest minute: a third of an hour is 0.33 to whoever writes decimals.
    Some(hours(whole)? * 60 + (number(part)? * 60 + scale / 2) / scale)
}

/// As clocks show it: `7:30`.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let minutes = self.0.unsigned_abs();
        write!(f, "{sign}{}:{:02}", minutes / 60, minutes % 60)
    }
}

impl TryFrom<String> for Hours {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        for text in ["7:30", "7.5", "7,5", "7.50", "7h30", "7h30m", "7 h 30 min", "450m", "450 min", " 7H30 "]
        {
            assert_eq!(Hours::parse(text).unwrap().minutes(), 450, "{text}");
        }
        for (text, minutes) in
            [("8", 480), ("8h", 480), (":45", 45), ("0.33", 20), (".5", 30), ("0", 0), ("0:05", 5)]
        {
            assert_eq!(Hours::parse(text).unwrap().minutes(), minutes, "{text}");
        }
        for wrong in
            ["", "x", "-1", "7:5", "7:60", "7h60", "7:30:00", "7..5", "7.", "1e3", "h30", "m", "7.12345", "٧"]
        {
            assert!(Hours::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Hours::parse("999999999").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(minutes in 0..Hours::MOST) {
            let hours = Hours::of_minutes(minutes);
            prop_assert_eq!(Hours::parse(&hours.to_string()).unwrap(), hours);
        }

        #[test]
        fn nothing_makes_it_panic(text in ".{0,20}") {
            let _ = Hours::parse(&text);
        }
    }
}

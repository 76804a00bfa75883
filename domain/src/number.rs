//! Numbers and dates as forms and files carry them.

use chrono::{Datelike, NaiveDate};

use crate::Wrong;

/// A whole number that is not negative.
pub fn whole(text: &str, most: i64) -> Result<i64, Wrong> {
    let text = text.trim();
    let number = Some(text).filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    match number.map(|text| text.parse().unwrap_or(i64::MAX)) {
        None => Err("Enter a whole number, like 12.".into()),
        Some(number) if number > most => Err(format!("Enter at most {most}.").into()),
        Some(number) => Ok(number),
    }
}

/// What may be left empty.
pub fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Result<Option<T>, Wrong> {
    if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// A day as browsers and the API write it, of the years that work is paid in.
pub fn day(text: &str) -> Result<NaiveDate, Wrong> {
    let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
    day.filter(|day| (2000..2100).contains(&day.year()))
        .ok_or_else(|| "Enter a date as year, month and day, like 2026-11-30.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_read() {
        assert_eq!(whole(" 12 ", 20).unwrap(), 12);
        assert_eq!(optional("", |text| whole(text, 20)).unwrap(), None);
        for wrong in ["", "-1", "1.5", "x", "21", "99999999999999999999"] {
            assert!(whole(wrong, 20).is_err(), "{wrong}");
        }
        assert!(day("2026-02-28").is_ok());
        for wrong in ["", "2026-02-30", "28.02.2026", "0026-02-28", "2026-2-x", "9999-01-01"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }
}

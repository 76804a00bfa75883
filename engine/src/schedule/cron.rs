//! When a schedule is next due: a cron pattern, by the clock on the wall of a time zone.

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use domain::Wrong;
use domain::people::Zone;

fn parse(pattern: &str) -> Result<Cron, String> {
    // What is due every second is no schedule but a load.
    let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
    parser.parse(pattern).map_err(|error| error.to_string())
}

/// A pattern that was understood.
pub fn pattern(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let cron = parse(text).map_err(|why| {
        format!(
            "Write minute, hour, day, month and weekday, like 0 3 * * 1-5 ({}).",
            why.trim_end_matches('.')
        )
    })?;
    let begin = DateTime::UNIX_EPOCH;
    cron.find_next_occurrence(&begin, false).map_err(|_| Wrong::from("This never comes."))?;
    Ok(text.to_owned())
}

/// When it is due next, after that moment. A time that the clock skips is due when it goes on; one that comes twice, once.
pub fn next_after(pattern: &str, zone: &Zone, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let next = parse(pattern).ok()?.find_next_occurrence(&zone.local(after), false).ok()?;
    Some(next.with_timezone(&Utc))
}

/// In words: `At 03:00 AM, …`.
pub fn in_words(pattern: &str) -> String {
    parse(pattern).map_or_else(|_| pattern.to_owned(), |cron| cron.describe())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pattern: &str, zone: &str, at: &str) -> String {
        let at = at.parse::<DateTime<Utc>>().unwrap();
        next_after(pattern, &Zone::parse(zone).unwrap(), at)
            .unwrap()
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn a_schedule_goes_by_the_clock_on_the_wall() {
        assert_eq!(after("0 3 * * *", "UTC", "2026-11-26T03:00:00Z"), "2026-11-27T03:00:00Z");
        // Winter and summer in Berlin.
        assert_eq!(after("0 3 * * *", "Europe/Berlin", "2026-01-10T12:00:00Z"), "2026-01-11T02:00:00Z");
        assert_eq!(after("0 3 * * *", "Europe/Berlin", "2026-07-10T12:00:00Z"), "2026-07-11T01:00:00Z");
        // The night in which half past two is skipped, and the one in which it comes twice: once each.
        let skipped = after("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z");
        assert_eq!(skipped, "2026-03-29T01:00:00Z");
        let first = after("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z");
        assert_eq!(first, "2026-10-25T00:30:00Z");
        assert_eq!(after("30 2 * * *", "Europe/Berlin", &first), "2026-10-26T01:30:00Z");
        assert_eq!(after("0 9 * * 1-5", "UTC", "2026-11-27T10:00:00Z"), "2026-11-30T09:00:00Z");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        assert_eq!(pattern(" 0 3 * * 1-5 ").unwrap(), "0 3 * * 1-5");
        for wrong in ["", "every day", "61 * * * *", "* * * * * *", "0 0 30 2 *"] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }
}

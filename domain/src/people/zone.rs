use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;

/// An IANA time zone by name. The browser knows only the shape of a name; the server knows the tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Zone(String);

impl Zone {
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Choose a time zone.".into());
        }
        let shaped =
            text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
        if shaped && known(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err("Choose a time zone from the list, like Europe/Berlin.".into())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// When a clock shows a time.
#[cfg(feature = "zones")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It was put forward over it.
    Never,
    Once(chrono::DateTime<chrono::FixedOffset>),
    /// It was put back, and shows it again.
    Twice(chrono::DateTime<chrono::FixedOffset>, chrono::DateTime<chrono::FixedOffset>),
}

#[cfg(feature = "zones")]
mod tables {
    use chrono::offset::LocalResult;
    use chrono::{DateTime, NaiveDate, Offset, TimeDelta, TimeZone, Timelike, Utc};
    use chrono_tz::{TZ_VARIANTS, Tz};

    use super::{Shown, Zone};
    use crate::timesheet::{Moment, Which};

    /// The first moment of a day. Where the clocks are put forward at midnight, that is later than midnight.
    fn begins(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        let mut from = (0..=96).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
        let first = from.find_map(|local| zone.from_local_datetime(&local).earliest());
        first.map_or_else(|| midnight.and_utc(), |first| first.with_timezone(&Utc))
    }

    pub(super) fn known(name: &str) -> bool {
        name.parse::<Tz>().is_ok()
    }

    impl Zone {
        /// What the clock on the wall shows there.
        pub fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
            at.with_timezone(&self.0.parse().unwrap_or(Tz::UTC))
        }

        /// How many minutes a day has there: 1,440 but for the days on which the clocks change.
        pub fn day_length(&self, day: NaiveDate) -> i64 {
            let zone: Tz = self.0.parse().unwrap_or(Tz::UTC);
            let ends = day.succ_opt().map(|next| begins(zone, next));
            ends.map_or(1_440, |ends| (ends - begins(zone, day)).num_minutes())
        }

        /// The first moment of a day there.
        pub fn begins(&self, day: NaiveDate) -> DateTime<Utc> {
            begins(self.0.parse().unwrap_or(Tz::UTC), day)
        }

        /// When the clock shows so many minutes since midnight there. 24:00 is when the day ends.
        pub fn shown(&self, day: NaiveDate, minute: i64) -> Shown {
            let zone: Tz = self.0.parse().unwrap_or(Tz::UTC);
            let fixed = |at: DateTime<Tz>| at.with_timezone(&at.offset().fix());
            if minute == 24 * 60 {
                let ends = day.succ_opt().map(|next| begins(zone, next).with_timezone(&zone));
                return ends.map_or(Shown::Never, |ends| Shown::Once(fixed(ends)));
            }
            match zone
                .from_local_datetime(&(day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute)))
            {
                LocalResult::None => Shown::Never,
                LocalResult::Single(at) => Shown::Once(fixed(at)),
                LocalResult::Ambiguous(first, second) => Shown::Twice(fixed(first), fixed(second)),
            }
        }

        /// A moment as the clock shows it there, told apart from the other one where it shows the same twice.
        pub fn shown_at(&self, at: DateTime<Utc>) -> Moment {
            let local = self.local(at);
            let at = local.with_timezone(&local.offset().fix());
            let minute = i64::from(local.hour() * 60 + local.minute());
            let which = match self.shown(local.date_naive(), minute) {
                Shown::Twice(first, _) if first == at => Some(Which::First),
                Shown::Twice(..) => Some(Which::Second),
                Shown::Once(_) | Shown::Never => None,
            };
            Moment { at, which }
        }

        /// The zones to choose from: places, without the historical aliases.
        pub fn choices() -> impl Iterator<Item = &'static str> {
            TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| {
                *name == "UTC"
                    || (name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("US/"))
            })
        }
    }
}

#[cfg(feature = "zones")]
use tables::known;

#[cfg(not(feature = "zones"))]
const fn known(_name: &str) -> bool {
    true
}

text_type!(Zone);

#[cfg(all(test, feature = "zones"))]
mod tests {
    use super::*;

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        let length = |zone: &str, day: &str| Zone::parse(zone).unwrap().day_length(day.parse().unwrap());
        assert_eq!(length("Europe/Berlin", "2026-03-29"), 1_380);
        assert_eq!(length("Europe/Berlin", "2026-10-25"), 1_500);
        assert_eq!(length("Europe/Berlin", "2026-11-26"), 1_440);
        assert_eq!(length("America/Sao_Paulo", "2018-11-04"), 1_380, "there was no midnight");
        assert_eq!(length("Australia/Lord_Howe", "2026-10-04"), 1_410, "half an hour");
        assert_eq!(length("Pacific/Apia", "2011-12-30"), 0, "a day that was left out");
    }

    #[test]
    fn zones_by_name() {
        assert!(Zone::parse("Europe/Berlin").is_ok());
        assert!(Zone::parse("UTC").is_ok());
        assert!(Zone::choices().all(|name| Zone::parse(name).is_ok()));
        for wrong in ["", "Europe/Nowhere", "../etc/passwd", "CET+1'"] {
            assert!(Zone::parse(wrong).is_err(), "{wrong}");
        }
    }
}

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// Seven days from a Monday on: what people fill in at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct Week(NaiveDate);

impl Week {
    /// The week that a day is in.
    pub fn of(day: NaiveDate) -> Self {
        Self(day - Days::new(day.weekday().num_days_from_monday().into()))
    }

    pub const fn monday(self) -> NaiveDate {
        self.0
    }

    pub fn sunday(self) -> NaiveDate {
        self.0 + Days::new(6)
    }

    pub fn days(self) -> impl Iterator<Item = NaiveDate> + use<> {
        self.0.iter_days().take(7)
    }

    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0 - Days::new(7))
    }

    #[must_use]
    pub fn after(self) -> Self {
        Self(self.0 + Days::new(7))
    }
}

pub fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        let day = |n| NaiveDate::from_ymd_opt(2026, 11, n).unwrap();
        assert_eq!(Week::of(day(26)).monday(), day(23));
        assert_eq!(Week::of(day(23)), Week::of(day(29)));
        assert_eq!(Week::of(day(26)).after().before(), Week::of(day(26)));
        assert_eq!(Week::of(day(26)).days().last(), Some(Week::of(day(26)).sunday()));
        assert!(is_weekend(day(28)) && !is_weekend(day(27)));
    }
}

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::audit::words;

words! {
    /// How long a period is.
    Rhythm {
        Weekly => "weekly", "Every week";
        Fortnightly => "fortnightly", "Every two weeks";
        HalfMonthly => "half-monthly", "Twice a month";
        Monthly => "monthly", "Every month";
    }
}

/// The days that are paid together, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl Period {
    pub fn holds(&self, day: NaiveDate) -> bool {
        (self.from..=self.until).contains(&day)
    }

    /// Its days in order; never more than those of a month.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let until = self.until;
        self.from.iter_days().take_while(move |day| *day <= until)
    }
}

/// Like a person says it: `1 to 15 November 2026`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = match (self.from.year() == self.until.year(), self.from.month() == self.until.month()) {
            (true, true) => "%-d",
            (true, false) => "%-d %B",
            (false, _) => "%-d %B %Y",
        };
        write!(f, "{} to {}", self.from.format(from), self.until.format("%-d %B %Y"))
    }
}

/// How a project cuts time into periods. All of it is counted in days of the project's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Calendar {
    pub rhythm: Rhythm,
    /// The first day of one of its weeks; what is longer begins with the first of a month or the sixteenth.
    pub starts_on: NaiveDate,
    /// So many days after the last one of a period its lines are due.
    pub cut_off_days: i64,
    /// So many days later still, nothing of it is taken any more.
    pub grace_days: i64,
    /// So many days after the last one it is paid.
    pub pay_days: i64,
}

impl Calendar {
    /// The one period that a day is in.
    pub fn period_of(&self, day: NaiveDate) -> Period {
        match self.rhythm {
            Rhythm::Weekly => self.weeks(day, 7),
            Rhythm::Fortnightly => self.weeks(day, 14),
            Rhythm::HalfMonthly if day.day() <= 15 => Period { from: first(day), until: nth(day, 15) },
            Rhythm::HalfMonthly => Period { from: nth(day, 16), until: last(day) },
            Rhythm::Monthly => Period { from: first(day), until: last(day) },
        }
    }

    fn weeks(&self, day: NaiveDate, length: u8) -> Period {
        let into = day.signed_duration_since(self.starts_on).num_days().rem_euclid(i64::from(length));
        let from = day - Days::new(into.unsigned_abs());
        Period { from, until: from + Days::new(u64::from(length) - 1) }
    }

    pub fn before(&self, period: Period) -> Period {
        self.period_of(period.from - Days::new(1))
    }

    pub fn after(&self, period: Period) -> Period {
        self.period_of(period.until + Days::new(1))
    }

    /// The last day on which lines are in time.
    pub fn cut_off(&self, period: Period) -> NaiveDate {
        period.until + days(self.cut_off_days)
    }

    /// The last day on which lines are taken at all.
    pub fn closes_on(&self, period: Period) -> NaiveDate {
        self.cut_off(period) + days(self.grace_days)
    }

    pub fn pay_on(&self, period: Period) -> NaiveDate {
        period.until + days(self.pay_days)
    }
}

const fn days(count: i64) -> Days {
    Days::new(count.unsigned_abs())
}

fn first(day: NaiveDate) -> NaiveDate {
    nth(day, 1)
}

/// Another day of the same month, of those that every month has.
fn nth(day: NaiveDate, n: u32) -> NaiveDate {
    day.with_day(n).unwrap_or(day)
}

fn last(day: NaiveDate) -> NaiveDate {
    first(day).checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calendar(rhythm: Rhythm) -> Calendar {
        let starts_on = day(2026, 1, 5);
        Calendar { rhythm, starts_on, cut_off_days: 2, grace_days: 1, pay_days: 10 }
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn each_rhythm_has_its_periods() {
        let of = |rhythm, on: NaiveDate| calendar(rhythm).period_of(on).to_string();
        assert_eq!(of(Rhythm::Weekly, day(2026, 11, 26)), "23 to 29 November 2026");
        assert_eq!(of(Rhythm::Fortnightly, day(2026, 1, 4)), "22 December 2025 to 4 January 2026");
        assert_eq!(of(Rhythm::HalfMonthly, day(2026, 11, 15)), "1 to 15 November 2026");
        assert_eq!(of(Rhythm::HalfMonthly, day(2028, 2, 16)), "16 to 29 February 2028");
        assert_eq!(of(Rhythm::Monthly, day(2026, 2, 28)), "1 to 28 February 2026");
        assert_eq!(of(Rhythm::Weekly, day(2026, 12, 1)), "30 November to 6 December 2026");
    }

    #[test]
    fn a_period_is_due_then_closed_then_paid() {
        let monthly = calendar(Rhythm::Monthly);
        let period = monthly.period_of(day(2026, 11, 26));
        assert_eq!(monthly.cut_off(period), day(2026, 12, 2));
        assert_eq!(monthly.closes_on(period), day(2026, 12, 3));
        assert_eq!(monthly.pay_on(period), day(2026, 12, 10));
    }

    proptest! {
        #[test]
        fn every_day_is_in_one_period_and_there_are_no_gaps(
            rhythm in prop::sample::select(Rhythm::ALL), since in -5_000_i64..5_000, start in 0_u64..30,
        ) {
            let calendar = Calendar { starts_on: day(2026, 1, 1) + Days::new(start), ..calendar(rhythm) };
            let on = day(2026, 1, 1) + chrono::Duration::days(since);
            let period = calendar.period_of(on);
            prop_assert!(period.holds(on));
            prop_assert!(period.days().all(|day| calendar.period_of(day) == period));
            let (before, after) = (calendar.before(period), calendar.after(period));
            prop_assert_eq!(before.until.succ_opt(), Some(period.from));
            prop_assert_eq!(period.until.succ_opt(), Some(after.from));
            prop_assert_eq!(calendar.after(before), period);
        }
    }
}

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Currency;
use crate::audit::words;
use crate::period::{Calendar, Period};

words! {
    /// How far a batch has come. What was approved never changes.
    BatchState {
        Open => "open", "Open";
        Approved => "approved", "Approved";
    }
}

/// What is paid together: what was worked in these days, in this currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Due {
    pub period: Period,
    pub currency: Currency,
}

impl Due {
    /// With what the work of a day is paid: its own period, or the first one after it that is not approved yet.
    pub fn of(
        calendar: &Calendar,
        on: NaiveDate,
        currency: &Currency,
        is_approved: impl Fn(&Self) -> bool,
    ) -> Self {
        let mut due = Self { period: calendar.period_of(on), currency: currency.clone() };
        while is_approved(&due) {
            due.period = calendar.after(due.period);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Rhythm;

    #[test]
    fn what_comes_late_is_paid_with_the_next_that_is_open() {
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        let starts_on = day(1, 5);
        let calendar =
            Calendar { rhythm: Rhythm::Monthly, starts_on, cut_off_days: 2, grace_days: 1, pay_days: 10 };
        let eur = Currency::parse("EUR").unwrap();
        let of = |approved: &[u32]| {
            let due = Due::of(&calendar, day(3, 17), &eur, |due| {
                approved.iter().any(|month| due.period.holds(day(*month, 1)))
            });
            due.period.from
        };
        assert_eq!(of(&[]), day(3, 1));
        assert_eq!(of(&[3]), day(4, 1));
        assert_eq!(of(&[3, 4, 6]), day(5, 1));
    }
}

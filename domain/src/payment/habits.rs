use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Work;
use crate::ids::TaskTypeId;

/// What is to be known of the lines of a payment besides their sums: counted when they are consolidated, so that nobody has
/// to read all of them again to judge it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Without a rate on their day.
    pub unpaid_lines: i64,
    pub unpaid_minutes: i64,
    pub unpaid_units: i64,
    /// Taken back, and what that comes to: less than nothing.
    pub reversed_lines: i64,
    pub reversed_minor: i64,
    /// Of a period that was paid already.
    pub late_lines: i64,
    pub late_minor: i64,
    /// Paid by a rate that was changed after the work was done.
    pub changed_lines: i64,
    pub changed_minor: i64,
    /// With hours, and of these those with whole ones only.
    pub timed_lines: i64,
    pub whole_lines: i64,
    /// So many days on end look exactly the same.
    pub same_days: i64,
}

impl Marks {
    pub(super) const fn unpaid(&mut self, work: &Work) {
        self.unpaid_lines += 1;
        self.unpaid_minutes = self.unpaid_minutes.saturating_add(work.minutes);
        self.unpaid_units = self.unpaid_units.saturating_add(work.units);
    }

    pub(super) fn paid(&mut self, work: &Work, minor: i64) {
        if work.is_reversal {
            self.reversed_lines += 1;
            self.reversed_minor += minor;
            return;
        }
        if work.is_late {
            self.late_lines += 1;
            self.late_minor += minor;
        }
        if work.rate.is_some_and(|rate| rate.changed_later) {
            self.changed_lines += 1;
            self.changed_minor += minor;
        }
        if work.minutes > 0 {
            self.timed_lines += 1;
            self.whole_lines += i64::from(work.minutes % 60 == 0);
        }
    }

    /// Counts what takes all lines at once.
    pub(super) fn look<'a>(&mut self, works: impl Iterator<Item = &'a Work>) {
        let mut days: BTreeMap<NaiveDate, Vec<(TaskTypeId, i64, i64)>> = BTreeMap::new();
        for work in works.filter(|work| !work.is_reversal) {
            days.entry(work.work_on).or_default().push((work.task_type_id, work.minutes, work.units));
        }
        let (mut longest, mut on_end) = (0, 0);
        let mut before: Option<Vec<_>> = None;
        for mut day in days.into_values() {
            day.sort_unstable();
            on_end = if before.as_ref() == Some(&day) { on_end + 1 } else { 1 };
            longest = longest.max(on_end);
            before = Some(day);
        }
        self.same_days = longest;
    }
}

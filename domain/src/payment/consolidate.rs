use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::NaiveDate;

use super::{Due, Marks};
use crate::Currency;
use crate::ids::{LineId, ProjectId, RateId, TaskTypeId};
use crate::money::Pay;
use crate::timesheet::Week;

/// The rate that applies to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppliedRate {
    pub id: RateId,
    /// What of it the work is paid by.
    pub pay: Pay,
    /// It was written down after the work was done, and something else was paid before.
    pub changed_later: bool,
}

/// A submitted line as pay sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    pub line_id: LineId,
    pub line_version: i64,
    pub project_id: ProjectId,
    pub task_type_id: TaskTypeId,
    pub work_on: NaiveDate,
    pub minutes: i64,
    pub units: i64,
    pub due: Due,
    /// Whether the period of its day was paid already.
    pub is_late: bool,
    /// It takes a line back that was paid: its minutes and units are less than nothing, and its rate is what was paid.
    pub is_reversal: bool,
    pub rate: Option<AppliedRate>,
}

/// A line with what is paid for it, and by what: what was paid stays explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidLine {
    pub line_id: LineId,
    pub line_version: i64,
    pub rate_id: RateId,
    pub pay: Pay,
    pub minor: i64,
}

/// A sum of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub lines: i64,
    pub minutes: i64,
    pub units: i64,
    pub minor: i64,
}

/// What one person gets with one batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// In the order of their ids.
    pub lines: Vec<PaidLine>,
    pub total: Share,
    /// What was owed from before; at most zero.
    pub carried: i64,
    /// The same by project, task and week.
    pub shares: BTreeMap<(ProjectId, TaskTypeId, Week), Share>,
    pub marks: Marks,
}

/// The payments of one person, from all their lines that are submitted and not paid. Each line is rounded once, by itself,
/// and every sum is one of rounded lines. What has no rate is in no payment, but noted. What is owed from before, by
/// currency, is made up for with the first payment there is.
pub fn consolidate(mut works: Vec<Work>, owed: &BTreeMap<Currency, i64>) -> BTreeMap<Due, Draft> {
    works.sort_by_key(|work| work.line_id);
    let mut drafts: BTreeMap<Due, Draft> = BTreeMap::new();
    for work in &works {
        let draft = drafts.entry(work.due.clone()).or_default();
        match paid(work, draft.total.minor) {
            Some(line) => draft.add(work, line),
            None => draft.marks.unpaid(work),
        }
    }
    for (currency, minor) in owed {
        if let Some((_, draft)) = drafts.iter_mut().find(|(due, _)| due.currency == *currency) {
            draft.carried = *minor;
        }
    }
    for (due, draft) in &mut drafts {
        draft.marks.look(works.iter().filter(|work| work.due == *due));
    }
    drafts
}

/// None if no rate says what it is worth, or if it is more than can be paid at all.
fn paid(work: &Work, so_far: i64) -> Option<PaidLine> {
    let rate = work.rate?;
    let minor = rate.pay.of(work.minutes, work.units, &work.due.currency)?;
    so_far.checked_add(minor)?;
    Some(PaidLine {
        line_id: work.line_id,
        line_version: work.line_version,
        rate_id: rate.id,
        pay: rate.pay,
        minor,
    })
}

impl Draft {
    fn add(&mut self, work: &Work, line: PaidLine) {
        let share = Share { lines: 1, minutes: work.minutes, units: work.units, minor: line.minor };
        self.total.add(share);
        self.shares
            .entry((work.project_id, work.task_type_id, Week::of(work.work_on)))
            .or_default()
            .add(share);
        self.marks.paid(work, line.minor);
        self.lines.push(line);
    }

    /// What is paid: nothing, where more is owed.
    pub fn pays(&self) -> i64 {
        self.total.minor.saturating_add(self.carried).max(0)
    }

    /// All that is paid, and by what, in one way of writing: what is approved is told from all else by the hash of it.
    pub fn written(&self) -> String {
        let mut text = format!("{}\n", self.carried);
        for line in &self.lines {
            let price = |price: Option<_>| price.map_or_else(String::new, |price| format!("{price}"));
            let PaidLine { line_id, line_version, rate_id, pay, minor } = line;
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{line_id} {line_version} {rate_id} {} {} {minor}",
                price(pay.hour),
                price(pay.unit)
            );
        }
        text
    }
}

impl Share {
    pub const fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.minutes += other.minutes;
        self.units += other.units;
        self.minor += other.minor;
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::money::WorkPrice;
    use crate::period::Period;

    fn owed() -> BTreeMap<Currency, i64> {
        BTreeMap::new()
    }

    fn first() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 2).unwrap()
    }

    prop_compose! {
        fn work()(
            day in 0_u64..60, task in 0_u128..4, minutes in 1_i64..1_500, units in 0_i64..5_000,
            hour in prop::option::of(0_u32..100_000), currency in 0_usize..3, is_late in any::<bool>(),
        ) -> Work {
            let from = first() + Days::new(day / 28 * 28);
            let currency = Currency::parse(["EUR", "JPY", "KWD"][currency]).unwrap();
            let price = |thousandths: u32| WorkPrice::parse(&format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)).unwrap();
            Work {
                line_id: LineId(Uuid::nil()),
                line_version: 1,
                project_id: ProjectId(Uuid::from_u128(task / 2)),
                task_type_id: TaskTypeId(Uuid::from_u128(task)),
                work_on: first() + Days::new(day),
                minutes,
                units,
                due: Due { period: Period { from, until: from + Days::new(27) }, currency },
                is_late,
                is_reversal: false,
                rate: hour.map(|hour| AppliedRate {
                    id: RateId(Uuid::from_u128(hour.into())),
                    pay: Pay { hour: Some(price(hour)), unit: Some(price(hour / 7)) },
                    changed_later: hour % 2 == 0,
                }),
            }
        }
    }

    fn works() -> impl Strategy<Value = Vec<Work>> {
        prop::collection::vec(work(), 0..60).prop_map(|mut works| {
            for (n, work) in (1_u128..).zip(&mut works) {
                work.line_id = LineId(Uuid::from_u128(n));
            }
            works
        })
    }

    proptest! {
        #[test]
        fn neither_order_nor_repetition_matters(
            (works, shuffled) in works().prop_flat_map(|works| (Just(works.clone()), Just(works).prop_shuffle())),
        ) {
            let once = consolidate(works, &owed());
            prop_assert_eq!(&consolidate(shuffled.clone(), &owed()), &once);
            prop_assert_eq!(&consolidate(shuffled, &owed()), &once);
        }

        #[test]
        fn every_sum_is_one_of_rounded_lines(works in works()) {
            let drafts = consolidate(works.clone(), &owed());
            for (due, draft) in &drafts {
                let mut sum = Share::default();
                draft.shares.values().for_each(|share| sum.add(*share));
                prop_assert_eq!(sum, draft.total);
                prop_assert_eq!(draft.total.minor, draft.lines.iter().map(|line| line.minor).sum::<i64>());
                for line in &draft.lines {
                    let work = works.iter().find(|work| work.line_id == line.line_id).unwrap();
                    prop_assert_eq!(&work.due, due);
                    prop_assert_eq!(Some(line.minor), line.pay.of(work.minutes, work.units, &due.currency));
                }
            }
        }

        #[test]
        fn every_line_is_paid_once_or_noted_as_unpaid(works in works()) {
            let drafts = consolidate(works.clone(), &owed());
            let mut paid: Vec<_> = drafts.values().flat_map(|draft| &draft.lines).map(|line| line.line_id).collect();
            let unpaid: i64 = drafts.values().map(|draft| draft.marks.unpaid_lines).sum();
            prop_assert_eq!(paid.len() + usize::try_from(unpaid).unwrap(), works.len());
            paid.sort();
            paid.dedup();
            let rated = works.iter().filter(|work| work.rate.is_some()).count();
            prop_assert_eq!(paid.len(), rated);
        }

        /// Whatever is taken back when, and however often less than nothing is left: in the end everybody has what
        /// their lines come to, and what is still owed.
        #[test]
        fn what_is_owed_is_neither_lost_nor_made(batches in prop::collection::vec(works(), 1..6), back in prop::collection::vec(any::<bool>(), 60)) {
            let eur = Currency::parse("EUR").unwrap();
            let (mut paid, mut worth, mut owed) = (0, 0, BTreeMap::new());
            for works in batches {
                // One batch at a time, in one currency; some of it was paid before and is taken back.
                let period = Period { from: first(), until: first() };
                let works: Vec<_> = works
                    .into_iter()
                    .zip(back.iter().cycle())
                    .map(|(work, back)| {
                        let sign = if *back { -1 } else { 1 };
                        let due = Due { period, currency: eur.clone() };
                        Work { minutes: sign * work.minutes, units: sign * work.units, is_reversal: *back, due, ..work }
                    })
                    .collect();
                for draft in consolidate(works, &owed).into_values() {
                    worth += draft.total.minor;
                    paid += draft.pays();
                    prop_assert!(draft.pays() >= 0);
                    let left = draft.total.minor + draft.carried - draft.pays();
                    prop_assert!(left <= 0 && (left == 0 || draft.pays() == 0));
                    owed = BTreeMap::from([(eur.clone(), left)]);
                }
            }
            prop_assert_eq!(paid + owed.get(&eur).copied().unwrap_or_default(), worth);
        }

        /// What a line is worth does not depend on what it is paid with.
        #[test]
        fn another_line_changes_no_other(works in works(), more in work()) {
            let line = LineId(Uuid::from_u128(1_000));
            let before = consolidate(works.clone(), &owed());
            let after = consolidate(works.into_iter().chain([Work { line_id: line, ..more }]).collect(), &owed());
            let all = |drafts: &BTreeMap<Due, Draft>| {
                let mut lines: Vec<_> = drafts.values().flat_map(|draft| draft.lines.clone()).collect();
                lines.retain(|paid| paid.line_id != line);
                lines
            };
            prop_assert_eq!(all(&before), all(&after));
        }
    }

    #[test]
    fn what_is_worth_more_than_can_be_paid_is_noted_and_not_paid() {
        let hour = Some(WorkPrice::parse("10000000").unwrap());
        let rate = AppliedRate {
            id: RateId(Uuid::nil()),
            pay: Pay { hour: None, unit: hour },
            changed_later: false,
        };
        let period = Period { from: first(), until: first() };
        let work = |n: u128, units| Work {
            line_id: LineId(Uuid::from_u128(n)),
            line_version: 1,
            project_id: ProjectId(Uuid::nil()),
            task_type_id: TaskTypeId(Uuid::nil()),
            work_on: first(),
            minutes: 0,
            units,
            due: Due { period, currency: Currency::parse("EUR").unwrap() },
            is_late: false,
            is_reversal: false,
            rate: Some(rate),
        };
        let drafts =
            consolidate(vec![work(1, 6_000_000_000), work(2, 6_000_000_000), work(3, i64::MAX)], &owed());
        let draft = drafts.values().next().unwrap();
        assert_eq!((draft.lines.len(), draft.marks.unpaid_lines), (1, 2));
    }
}

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;

use super::{For, Rate, Scope};

/// The rates of one project, ordered so that the one that applies is found without looking at the others: a period may
/// have a million lines.
#[derive(Clone, Debug, Default)]
pub struct RateBook {
    /// Of each scope, the earliest first; of one day, the last written wins and is the only one kept.
    by_scope: HashMap<Scope, Vec<Rate>>,
    /// Those that were superseded on their own first day, which no day is paid by any more.
    replaced: Vec<Rate>,
}

impl RateBook {
    pub fn new(rates: impl IntoIterator<Item = Rate>) -> Self {
        let mut by_scope: HashMap<Scope, Vec<Rate>> = HashMap::new();
        for rate in rates {
            by_scope.entry(rate.scope.clone()).or_default().push(rate);
        }
        let mut replaced = Vec::new();
        for rates in by_scope.values_mut() {
            // The last written of a day comes first, and so is the one that stays.
            rates.sort_by_key(|rate| (rate.from_on, Reverse((rate.written_at, rate.id))));
            rates.dedup_by(|later, first| {
                let same = later.from_on == first.from_on;
                if same {
                    replaced.push(later.clone());
                }
                same
            });
        }
        Self { by_scope, replaced }
    }

    /// The one rate that applies to this work on its day.
    pub fn applying(&self, work: For<'_>, on: NaiveDate) -> Option<&Rate> {
        work.scopes().find_map(|scope| self.in_scope(&scope, on))
    }

    /// What applies in exactly this scope on a day.
    pub fn in_scope(&self, scope: &Scope, on: NaiveDate) -> Option<&Rate> {
        let rates = self.by_scope.get(scope)?;
        let begun = rates.partition_point(|rate| rate.from_on <= on);
        rates.get(..begun)?.last().filter(|rate| !rate.is_end())
    }

    /// The first rate of the same scope that begins later, and so supersedes this one.
    pub fn after(&self, rate: &Rate) -> Option<&Rate> {
        let rates = self.by_scope.get(&rate.scope)?;
        rates.get(rates.partition_point(|other| other.from_on <= rate.from_on))
    }

    /// Whether a rate was written down after the day of this work that it applies to, and something else was paid before.
    pub fn has_changed_later(&self, work: For<'_>, on: NaiveDate, rate: &Rate) -> bool {
        if rate.written_at.date_naive() <= on {
            return false;
        }
        let before = |other: &Rate| {
            other.written_at < rate.written_at
                && other.from_on <= on
                && !other.is_end()
                && other.id != rate.id
        };
        work.scopes().any(|scope| {
            let kept = self.by_scope.get(&scope).is_some_and(|rates| rates.iter().any(before));
            kept || self.replaced.iter().any(|other| other.scope == scope && before(other))
        })
    }

    /// Whether a rate was superseded on its own first day, and so does not apply on any.
    pub fn is_replaced(&self, rate: &Rate) -> bool {
        let rates = self.by_scope.get(&rate.scope);
        !rates.is_some_and(|rates| rates.iter().any(|other| other.id == rate.id))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Days};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::ids::{PersonId, ProjectId, RateId, TaskTypeId};
    use crate::money::WorkPrice;
    use crate::rate::Level;

    fn id(n: u8) -> Uuid {
        Uuid::from_u128(n.into())
    }

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(n)
    }

    fn rate(n: u8, scope: Scope, from: u64, price: Option<&str>) -> Rate {
        Rate {
            id: RateId(id(n)),
            project_id: ProjectId(id(0)),
            scope,
            from_on: day(from),
            hour_price: price.map(|price| WorkPrice::parse(price).unwrap()),
            unit_price: None,
            written_by: None,
            written_at: DateTime::from_timestamp(i64::from(n), 0).unwrap(),
        }
    }

    fn work(level: Option<&Level>) -> For<'_> {
        For { task_type_id: TaskTypeId(id(1)), level, person_id: PersonId(id(2)) }
    }

    /// The scope of this weight, of the one task, level and person.
    fn scope(weight: u8) -> Scope {
        work(Some(&senior())).scopes().find(|scope| scope.weight() == weight).unwrap()
    }

    fn senior() -> Level {
        Level::parse("Senior").unwrap()
    }

    fn paid(book: &RateBook, level: Option<&Level>, on: u64) -> Option<String> {
        book.applying(work(level), day(on))?.hour_price.map(|price| price.to_string())
    }

    #[test]
    fn the_most_specific_applies() {
        let all = (0..8).map(|weight| rate(weight, scope(weight), 0, Some(&weight.to_string())));
        let book = RateBook::new(all);
        assert_eq!(paid(&book, Some(&senior()), 5).as_deref(), Some("7.00"), "person, level and task");
        assert_eq!(paid(&book, None, 5).as_deref(), Some("5.00"), "person and task");
        assert_eq!(paid(&book, Some(&Level::parse("junior").unwrap()), 5).as_deref(), Some("5.00"));
        assert_eq!(paid(&RateBook::default(), None, 5), None);
        let of_level = RateBook::new([rate(1, scope(2), 0, Some("30")), rate(2, scope(1), 0, Some("20"))]);
        assert_eq!(paid(&of_level, Some(&senior()), 5).as_deref(), Some("30.00"), "a level before a task");
    }

    #[test]
    fn a_rate_applies_until_it_is_superseded_or_ends() {
        let book = RateBook::new([
            rate(1, scope(0), 10, Some("10")),
            rate(2, scope(0), 20, Some("12")),
            rate(3, scope(0), 20, Some("13")),
            rate(4, scope(0), 30, None),
        ]);
        let days = [9, 10, 19, 20, 29, 30].map(|on| paid(&book, None, on));
        let words = days.each_ref().map(|paid| paid.as_deref().unwrap_or("none"));
        assert_eq!(
            words,
            ["none", "10.00", "10.00", "13.00", "13.00", "none"],
            "the last written of a day wins"
        );
        assert!(book.is_replaced(&rate(2, scope(0), 20, Some("12"))));
        let first = rate(1, scope(0), 10, Some("10"));
        assert_eq!(book.after(&first).map(|rate| rate.id), Some(RateId(id(3))));
    }

    #[test]
    fn a_rate_that_was_changed_after_the_work_is_told_from_one_that_is_the_first() {
        let written = |n: u8, from: u64, on: u64| Rate {
            written_at: day(on).and_hms_opt(9, 0, 0).unwrap().and_utc(),
            ..rate(n, scope(0), from, Some(&n.to_string()))
        };
        let changed = |rates: Vec<Rate>, on: u64| {
            let book = RateBook::new(rates);
            let applied = book.applying(work(None), day(on)).unwrap();
            book.has_changed_later(work(None), day(on), applied)
        };
        assert!(!changed(vec![written(1, 0, 20)], 5), "it is the first, however late");
        assert!(!changed(vec![written(1, 0, 0), written(2, 5, 3)], 5), "it was known before the work");
        assert!(changed(vec![written(1, 0, 0), written(2, 5, 9)], 5));
        assert!(changed(vec![written(1, 0, 0), written(2, 0, 9)], 5), "of the same day, too");
        assert!(!changed(vec![written(1, 0, 0), written(2, 6, 9)], 5), "that one is for later days");
    }

    #[test]
    fn where_the_specific_ends_the_general_applies_again() {
        let book = RateBook::new([
            rate(1, scope(0), 0, Some("10")),
            rate(2, scope(4), 0, Some("50")),
            rate(3, scope(4), 5, None),
        ]);
        assert_eq!(paid(&book, None, 4).as_deref(), Some("50.00"));
        assert_eq!(paid(&book, None, 5).as_deref(), Some("10.00"));
    }

    prop_compose! {
        /// The number says when it was written down.
        fn rates()(all in prop::collection::vec((0..8_u8, 0..6_u64, prop::option::of(0..100_u8)), 0..20)) -> Vec<Rate> {
            let written = |(n, (weight, from, price)): (u8, (u8, u64, Option<u8>))| {
                rate(n, scope(weight), from, price.map(|price| price.to_string()).as_deref())
            };
            (0_u8..).zip(all).map(written).collect()
        }
    }

    proptest! {
        #[test]
        fn the_order_of_reading_does_not_matter(
            (sorted, shuffled) in rates().prop_flat_map(|rates| (Just(rates.clone()), Just(rates).prop_shuffle())),
            on in 0..8_u64,
        ) {
            let senior = senior();
            let book = RateBook::new(shuffled);
            let found = book.applying(work(Some(&senior)), day(on));
            // The same by looking at all of them.
            let latest = |weight: u8| {
                let of = sorted.iter().filter(|rate| rate.scope.weight() == weight && rate.from_on <= day(on));
                of.max_by_key(|rate| (rate.from_on, rate.written_at, rate.id)).filter(|rate| !rate.is_end())
            };
            prop_assert_eq!(found, (0..8).rev().find_map(latest));
        }
    }
}

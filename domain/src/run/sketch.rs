//! How long things take, kept so that it can be added up: counts of what fell into buckets that grow by a tenth each. A
//! percentile read from them is off by a twentieth at most, however many were put together, whoever counted them.

/// Each bucket ends a tenth higher than the one before.
const GROWTH: f64 = 1.1;

/// The bucket of a span in microseconds. What took no time at all is in the first.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "buckets are that coarse")]
pub fn bucket_of(micros: i64) -> i64 {
    if micros <= 1 { 0 } else { (micros as f64).log(GROWTH).ceil() as i64 }
}

/// The middle of a bucket, in microseconds.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "buckets are that coarse")]
pub fn middle_of(bucket: i64) -> i64 {
    let end = GROWTH.powf(bucket as f64);
    (2.0 * end / (GROWTH + 1.0)).round() as i64
}

/// What so many of a hundred took at most, from buckets with their counts in the order of the buckets; nothing if nothing
/// was counted.
pub fn percentile(buckets: &[(i64, i64)], percent: i64) -> Option<i64> {
    let all: i64 = buckets.iter().map(|(_, count)| count).sum();
    let rank = (all * percent + 99) / 100;
    let mut seen = 0;
    let found = buckets.iter().find(|(_, count)| {
        seen += count;
        seen >= rank.max(1)
    });
    found.map(|(bucket, _)| middle_of(*bucket))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn counted(spans: &[i64]) -> Vec<(i64, i64)> {
        let mut counts = BTreeMap::new();
        for span in spans {
            *counts.entry(bucket_of(*span)).or_default() += 1;
        }
        counts.into_iter().collect()
    }

    proptest! {
        #[test]
        fn a_percentile_is_near_the_true_one(mut spans in prop::collection::vec(1_i64..10_000_000_000, 1..300), percent in 1_i64..=100) {
            let read = percentile(&counted(&spans), percent).unwrap();
            spans.sort_unstable();
            let rank = (i64::try_from(spans.len()).unwrap() * percent + 99) / 100;
            let exact = spans[usize::try_from(rank - 1).unwrap()];
            let off = (read - exact).abs();
            prop_assert!(off * 20 <= exact + 40, "{read} for {exact}");
        }

        #[test]
        fn counted_apart_and_put_together_is_the_same(one in prop::collection::vec(0_i64..1_000_000, 0..50), other in prop::collection::vec(0_i64..1_000_000, 0..50)) {
            let mut together: BTreeMap<i64, i64> = counted(&one).into_iter().collect();
            for (bucket, count) in counted(&other) {
                *together.entry(bucket).or_default() += count;
            }
            let all: Vec<_> = one.into_iter().chain(other).collect();
            prop_assert_eq!(together.into_iter().collect::<Vec<_>>(), counted(&all));
        }
    }

    #[test]
    fn nothing_counted_has_no_percentile() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[(0, 3)], 99), Some(1));
    }
}

//! Statistics that one odd value cannot spoil.

/// The middle one, or the mean of the two in the middle.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    match values.len() % 2 {
        0 => values.get(values.len() / 2 - 1).map(|lower| f64::midpoint(*lower, *upper)),
        _ => Some(*upper),
    }
}

/// How values lie around their middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub count: usize,
    /// What a deviation is measured in, as large as a standard deviation would be for values that lie normally.
    unit: f64,
}

impl Spread {
    /// The unit is the median absolute deviation; where more than half of the values are the same it is zero, and the mean
    /// absolute deviation stands in.
    pub fn of(values: &[f64]) -> Option<Self> {
        /// The part of a standard deviation that half of all values are within, and the part they are away on average.
        const MEDIAN_PART: f64 = 0.674_489_75;
        const MEAN_PART: f64 = 0.797_884_56;
        let middle = median(&mut values.to_vec())?;
        let mut away: Vec<_> = values.iter().map(|value| (value - middle).abs()).collect();
        let mad = median(&mut away)?;
        let count = values.len();
        let unit = if mad > 0.0 {
            mad / MEDIAN_PART
        } else {
            #[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^52")]
            let mean = away.iter().sum::<f64>() / count as f64;
            mean / MEAN_PART
        };
        Some(Self { median: middle, count, unit })
    }

    /// How far a value is out, in that unit. Where all are the same, whatever differs is out of all bounds.
    pub fn score(&self, value: f64) -> f64 {
        let away = value - self.median;
        if self.unit > 0.0 {
            away / self.unit
        } else if away == 0.0 {
            0.0
        } else {
            f64::INFINITY.copysign(away)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(values: &[f64], value: f64) -> String {
        format!("{:.2}", Spread::of(values).unwrap().score(value))
    }

    #[test]
    fn the_middle_is_found() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }

    #[test]
    fn one_odd_value_does_not_hide_itself() {
        // The median is 2.45, and the median deviation from it 0.15.
        let values = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3];
        assert_eq!(score(&values, 8.3), "26.31");
        assert_eq!(score(&values, 2.1), "-1.57");
    }

    #[test]
    fn where_most_are_the_same_the_mean_deviation_counts() {
        let values = [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 9.0];
        // The mean deviation is 0.5.
        assert_eq!(score(&values, 9.0), "6.38");
        assert_eq!(score(&[5.0; 8], 5.0), "0.00");
        assert_eq!(score(&[5.0; 8], 5.1), "inf");
    }
}

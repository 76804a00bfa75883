//! Decimals as people write them, read as a whole number of their smallest part.

/// `12.5` with three places is 12,500. None if it is not such a number, or too large to be one.
pub fn read(text: &str, places: usize) -> Option<i64> {
    let text = text.trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || part.len() > places || !digits(whole) || !digits(part) || text.ends_with('.') {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

/// The same number as text, with so many decimals at least.
pub fn write(value: i64, places: usize, at_least: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let kept = part.trim_end_matches('0').len().max(at_least.min(places));
    if kept == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{}", &part[..kept]) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in 0_i64.., places in 0_usize..7, at_least in 0_usize..7) {
            prop_assert_eq!(read(&write(value, places, at_least), places), Some(value));
        }
    }

    #[test]
    fn decimals_are_written_as_short_as_they_may_be() {
        assert_eq!(write(12_500_000, 6, 2), "12.50");
        assert_eq!(write(12_345_600, 6, 2), "12.3456");
        assert_eq!(write(-5, 2, 2), "-0.05");
        assert_eq!(write(1_200, 0, 2), "1200");
        for wrong in ["", ".5", "1.", "-1", "+1", "1,5", "1.2345", "1e3", "1 000", "١"] {
            assert_eq!(read(wrong, 3), None, "{wrong}");
        }
        assert_eq!(read("99999999999999999999", 3), None, "too large");
    }
}

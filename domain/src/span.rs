//! Spans of time as people write them: `500ms`, `10s`, `5m`, `2h`, `1d`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Wrong;

/// A year: whoever means longer has made a mistake.
const LONGEST: Duration = Duration::from_hours(8784);

/// The units, each with its milliseconds, the largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::from("Write a number and a unit: 500ms, 10s, 5m, 2h or 1d.");
        let text = text.trim();
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(unit_at);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(wrong)?;
        let span = number.checked_mul(*millis).map(Duration::from_millis).filter(|span| *span <= LONGEST);
        span.map(Self).ok_or_else(|| "This is longer than a year.".into())
    }

    pub const fn duration(self) -> Duration {
        self.0
    }
}

/// In the largest unit that leaves no rest.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let fits = |(_, unit): &&(&str, u64)| millis >= *unit && millis.is_multiple_of(*unit);
        match UNITS.iter().find(fits) {
            Some((name, unit)) => write!(f, "{}{name}", millis / unit),
            None => f.write_str("0s"),
        }
    }
}

impl TryFrom<String> for Span {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(millis in 0_u64..31_000_000_000) {
            let span = Span(Duration::from_millis(millis));
            prop_assert_eq!(Span::parse(&span.to_string()).unwrap(), span);
        }
    }

    #[test]
    fn spans_are_written_with_their_unit() {
        assert_eq!(Span::parse("90 s").unwrap().to_string(), "90s");
        assert_eq!(Span::parse("120s").unwrap().to_string(), "2m");
        for wrong in ["", "10", "s", "1.5s", "-1s", "1w", "99999999999999999999d", "400d"] {
            assert!(Span::parse(wrong).is_err(), "{wrong}");
        }
    }
}

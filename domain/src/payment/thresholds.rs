use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::fault::Check;
use crate::money::decimal;
use crate::number::whole;

/// From when on something about a payment is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thresholds {
    /// So many tenths of a robust deviation are out of bounds, among so many at least.
    pub pace_tenths: i64,
    pub pace_least: i64,
    /// So many percent more than the median of what somebody was paid the last four times.
    pub jump_percent: i64,
    /// So many percent more or less than the median of the batches before.
    pub total_percent: i64,
    /// So many percent of the lines have whole hours, among so many at least.
    pub whole_percent: i64,
    pub whole_least: i64,
    /// So many days on end look the same.
    pub same_days: i64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            pace_tenths: 35,
            pace_least: 8,
            jump_percent: 50,
            total_percent: 50,
            whole_percent: 90,
            whole_least: 10,
            same_days: 5,
        }
    }
}

/// Thresholds as they were entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ThresholdsDraft {
    pub pace: String,
    pub pace_least: String,
    pub jump_percent: String,
    pub total_percent: String,
    pub whole_percent: String,
    pub whole_least: String,
    pub same_days: String,
}

impl ThresholdsDraft {
    pub fn parse(&self) -> Result<Thresholds, Fault> {
        let mut check = Check::default();
        let pace = decimal::read(&self.pace, 1)
            .filter(|tenths| (10..=200).contains(tenths))
            .ok_or_else(|| "Enter a number from 1 to 20, like 3.5.".into());
        let pace = check.field("pace", pace);
        let mut number = |name: &'static str, text: &str, least: i64, most: i64| {
            let value = whole(text, most).and_then(|value| match value {
                value if value < least => Err(format!("This is {least} at least.").into()),
                value => Ok(value),
            });
            check.field(name, value)
        };
        let pace_least = number("pace_least", &self.pace_least, 3, 1_000);
        let jump = number("jump_percent", &self.jump_percent, 1, 10_000);
        let total = number("total_percent", &self.total_percent, 1, 10_000);
        let whole_percent = number("whole_percent", &self.whole_percent, 1, 100);
        let whole_least = number("whole_least", &self.whole_least, 1, 1_000);
        let same_days = number("same_days", &self.same_days, 2, 60);
        match (pace, pace_least, jump, total, whole_percent, whole_least, same_days) {
            (
                Some(pace_tenths),
                Some(pace_least),
                Some(jump_percent),
                Some(total_percent),
                Some(whole_percent),
                Some(whole_least),
                Some(same_days),
            ) => Ok(Thresholds {
                pace_tenths,
                pace_least,
                jump_percent,
                total_percent,
                whole_percent,
                whole_least,
                same_days,
            }),
            _ => Err(check.fault()),
        }
    }
}

/// As they stand in the form.
impl From<Thresholds> for ThresholdsDraft {
    fn from(it: Thresholds) -> Self {
        Self {
            pace: decimal::write(it.pace_tenths, 1, 1),
            pace_least: it.pace_least.to_string(),
            jump_percent: it.jump_percent.to_string(),
            total_percent: it.total_percent.to_string(),
            whole_percent: it.whole_percent.to_string(),
            whole_least: it.whole_least.to_string(),
            same_days: it.same_days.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_form_reads_back() {
        let usual = Thresholds::default();
        assert_eq!(ThresholdsDraft::from(usual).parse().unwrap(), usual);
    }

    #[test]
    fn what_would_say_nothing_or_everything_is_refused() {
        let mut draft = ThresholdsDraft::from(Thresholds::default());
        draft.pace = "0.5".to_owned();
        draft.pace_least = "2".to_owned();
        draft.whole_percent = "101".to_owned();
        let fields: Vec<_> = draft.parse().unwrap_err().fields.into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["pace", "pace_least", "whole_percent"]);
    }
}

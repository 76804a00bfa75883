//! Counting tests out of what cargo and Playwright say, and the table at the end.

use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::sh;

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    pub ignored: u64,
}

impl Count {
    pub const PASSED: Self = Self { passed: 1, failed: 0, ignored: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1, ignored: 0 };

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Does one step. A step that cannot be done is a failed test with the reason told.
    pub fn step(&mut self, name: &str, step: impl FnOnce() -> Result<Count>) {
        if sh::interrupted() {
            return;
        }
        match step() {
            Ok(count) => *self += count,
            Err(_) if sh::interrupted() => {}
            Err(error) => {
                eprintln!("FAILED: {name}: {error:#}");
                *self += Self::FAILED;
            }
        }
    }

    /// From `test result: ok. 3 passed; 0 failed; 1 ignored; …`; other lines are nothing.
    pub fn from_cargo(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut count = Self::default();
        for part in counts.split("; ") {
            match part.split_once(' ') {
                Some((number, "passed")) => count.passed = number.parse().ok()?,
                Some((number, "failed")) => count.failed = number.parse().ok()?,
                Some((number, "ignored")) => count.ignored = number.parse().ok()?,
                _ => {}
            }
        }
        Some(count)
    }

    /// From Playwright's JSON report. What passes at its second try counts as passed; Playwright's list names it.
    pub fn from_playwright(report: &str) -> Result<Self> {
        let report: Value = serde_json::from_str(report).context("Playwright's report is not JSON")?;
        let number = |name: &str| report["stats"][name].as_u64().unwrap_or(0);
        Ok(Self {
            passed: number("expected") + number("flaky"),
            failed: number("unexpected"),
            ignored: number("skipped"),
        })
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

#[derive(Default)]
pub struct Report {
    parts: Vec<(String, Count, Duration)>,
    preparations: Vec<(String, Duration)>,
}

impl Report {
    pub fn add(&mut self, part: &str, count: Count, time: Duration) {
        self.parts.push((part.to_owned(), count, time));
    }

    /// Time that several parts share.
    pub fn add_preparation(&mut self, name: &str, time: Duration) {
        self.preparations.push((name.to_owned(), time));
    }

    pub fn total(&self) -> Count {
        let mut total = Count::default();
        self.parts.iter().for_each(|(_, count, _)| total += *count);
        total
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total();
        writeln!(f, "\n{:<22} {:>7} {:>7} {:>8}", "part", "passed", "failed", "seconds")?;
        for (name, time) in &self.preparations {
            writeln!(f, "{name:<22} {:>7} {:>7} {:>8.1}", "", "", time.as_secs_f64())?;
        }
        for (name, count, time) in &self.parts {
            writeln!(f, "{name:<22} {:>7} {:>7} {:>8.1}", count.passed, count.failed, time.as_secs_f64())?;
        }
        if total.ignored > 0 {
            writeln!(f, "{} ignored by their authors", total.ignored)?;
        }
        writeln!(f, "{} passed, {} failed", total.passed, total.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_s_results_are_read() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.05s";
        assert_eq!(Count::from_cargo(line), Some(Count { passed: 12, failed: 2, ignored: 1 }));
        let line =
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(Count::from_cargo(line), Some(Count::default()));
    }

    #[test]
    fn other_lines_are_no_results() {
        for line in ["", "running 3 tests", "test result is said later", "test a::b ... ok"] {
            assert_eq!(Count::from_cargo(line), None);
        }
    }

    #[test]
    fn playwright_s_report_is_read_and_what_passed_at_the_second_try_has_passed() {
        let report = r#"{"suites": [], "stats": {"expected": 7, "unexpected": 1, "flaky": 2, "skipped": 3}}"#;
        assert_eq!(Count::from_playwright(report).unwrap(), Count { passed: 9, failed: 1, ignored: 3 });
        assert!(Count::from_playwright("no report").is_err());
    }

    #[test]
    fn a_step_that_cannot_be_done_has_failed() {
        let mut count = Count::PASSED;
        count.step("nothing", || anyhow::bail!("there is nothing"));
        assert_eq!(count, Count { passed: 1, failed: 1, ignored: 0 });
    }

    #[test]
    fn the_last_line_has_the_sum() {
        let mut report = Report::default();
        report.add("unit", Count { passed: 3, failed: 0, ignored: 0 }, Duration::from_secs(1));
        report.add("db", Count { passed: 4, failed: 1, ignored: 0 }, Duration::from_secs(2));
        report.add_preparation("building tests", Duration::from_mins(1));
        assert!(report.to_string().ends_with("\n7 passed, 1 failed\n"));
    }
}

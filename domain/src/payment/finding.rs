//! What somebody should look at before they approve: each with its figure, what it is measured by, and a sentence.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Marks, Share, Spread, Thresholds, median};
use crate::Currency;
use crate::audit::words;
use crate::money::Amount;
use crate::people::PersonName;
use crate::timesheet::Hours;

words! {
    /// What there is to be said about a payment or a batch.
    FindingKind {
        NoRate => "no-rate", "No rate";
        RateChanged => "rate-changed", "Rate changed later";
        Late => "late", "Late lines";
        First => "first-payment", "First payment";
        PayJump => "pay-jump", "More than usual";
        PacePeers => "pace-peers", "Pace against others";
        PaceOwn => "pace-own", "Pace against before";
        WholeHours => "whole-hours", "Whole hours";
        SameDays => "identical-days", "Identical days";
        SameAccount => "same-account", "Same account";
        AccountHeld => "account-held", "Account changed";
        BatchTotal => "batch-total", "Total unlike before";
    }
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub kind: FindingKind,
    pub figure: String,
    pub baseline: String,
    pub sentence: String,
}

/// What somebody was paid before in the same currency, the last first; and whether anybody was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Earlier<'a> {
    pub payments: &'a [i64],
    pub anybody: bool,
}

/// So few earlier ones have no middle worth the name.
const LEAST_EARLIER: usize = 3;

/// What a payment shows by itself, and against what the same person was paid before.
pub fn of_payment(
    total: Share,
    marks: &Marks,
    currency: &Currency,
    earlier: Earlier<'_>,
    thresholds: &Thresholds,
) -> Vec<Finding> {
    let amount = |minor: i64| Amount::new(minor, currency.clone()).to_string();
    let mut found = Vec::new();
    let mut say = |kind, figure: String, baseline: String, sentence: String| {
        found.push(Finding { kind, figure, baseline, sentence });
    };
    if marks.unpaid_lines > 0 {
        let work = work(marks.unpaid_minutes, marks.unpaid_units);
        let sentence = format!(
            "No rate applies to {} ({work}), so nothing is paid for it. Write a rate from that day on, or return it.",
            lines(marks.unpaid_lines)
        );
        say(FindingKind::NoRate, lines(marks.unpaid_lines), "every line has a rate".to_owned(), sentence);
    }
    if marks.changed_lines > 0 {
        let sentence = format!(
            "The rate of {} was changed after the work was done: {} of this payment.",
            lines(marks.changed_lines),
            amount(marks.changed_minor)
        );
        let baseline = "rates are known before the work".to_owned();
        say(FindingKind::RateChanged, amount(marks.changed_minor), baseline, sentence);
    }
    if marks.late_lines > 0 {
        let of = if marks.late_lines == 1 { "is" } else { "are" };
        let sentence = format!(
            "{} {of} of a period that was paid before: {}.",
            capital(&lines(marks.late_lines)),
            amount(marks.late_minor)
        );
        let baseline = "lines come in their own period".to_owned();
        say(FindingKind::Late, lines(marks.late_lines), baseline, sentence);
    }
    if total.lines > 0 && earlier.payments.is_empty() && earlier.anybody {
        let sentence = format!("Nothing in {currency} was paid to them before.");
        say(FindingKind::First, "the first".to_owned(), "paid before".to_owned(), sentence);
    }
    if let Some(usual) = middle(earlier.payments)
        && let Some(percent) = above(total.minor, usual)
        && percent >= thresholds.jump_percent
    {
        let sentence = format!(
            "{} is {percent} % more than the {} they usually get (median of the last {}).",
            amount(total.minor),
            amount(usual),
            earlier.payments.len()
        );
        say(FindingKind::PayJump, format!("+{percent} %"), amount(usual), sentence);
    }
    if marks.timed_lines >= thresholds.whole_least
        && marks.whole_lines * 100 >= marks.timed_lines * thresholds.whole_percent
    {
        let sentence = format!(
            "{} of {} have whole hours only. Estimated afterwards rather than written down?",
            marks.whole_lines,
            lines(marks.timed_lines)
        );
        let figure = format!("{} of {}", marks.whole_lines, marks.timed_lines);
        say(FindingKind::WholeHours, figure, format!("under {} %", thresholds.whole_percent), sentence);
    }
    if marks.same_days >= thresholds.same_days {
        let sentence = format!("{} days on end are exactly the same, task by task. Copied?", marks.same_days);
        let figure = format!("{} days", marks.same_days);
        say(FindingKind::SameDays, figure, format!("under {} days", thresholds.same_days), sentence);
    }
    found
}

/// How many units an hour somebody has done of a task, against the same of others or of their own weeks before.
pub fn of_pace(
    kind: FindingKind,
    task: &str,
    unit: &str,
    pace: f64,
    spread: Spread,
    thresholds: &Thresholds,
) -> Option<Finding> {
    let score = spread.score(pace);
    #[expect(clippy::cast_precision_loss, reason = "it is a number like 3.5")]
    let limit = thresholds.pace_tenths as f64 / 10.0;
    if i64::try_from(spread.count).ok()? < thresholds.pace_least || score.abs() <= limit {
        return None;
    }
    let how = if score > 0.0 { "more" } else { "fewer" };
    let (who, whose) = match kind {
        FindingKind::PaceOwn => ("they did before", "their own"),
        _ => ("others do", "the others'"),
    };
    let far = if score.is_finite() {
        format!("{:.1} deviations out", score.abs())
    } else {
        "all of those are the same".to_owned()
    };
    Some(Finding {
        kind,
        figure: format!("{pace:.1} an hour"),
        baseline: format!("{:.1} an hour, {whose} median of {}", spread.median, spread.count),
        sentence: format!(
            "{task}: {pace:.1} an hour (counted: {unit}), {how} than {who} (median {:.1}; {far}).",
            spread.median
        ),
    })
}

/// Somebody is paid to the same account as others.
pub fn of_shared_account(shown: &str, others: &[String]) -> Finding {
    let whose = others.join(", ");
    Finding {
        kind: FindingKind::SameAccount,
        figure: shown.to_owned(),
        baseline: "an account of one's own".to_owned(),
        sentence: format!("They are paid to {shown}, and so is {whose}. The same person twice?"),
    }
}

/// Where somebody is paid to was changed a short time ago.
pub fn of_held_account(shown: &str, by: &PersonName, at: DateTime<Utc>, until: DateTime<Utc>) -> Finding {
    let day = |at: DateTime<Utc>| at.format("%-d %B, %H:%M UTC").to_string();
    Finding {
        kind: FindingKind::AccountHeld,
        figure: shown.to_owned(),
        baseline: "the account they had".to_owned(),
        sentence: format!(
            "{by} has entered {shown} on {}. It is held until {}: until then they are paid as before.",
            day(at),
            day(until)
        ),
    }
}

/// The whole of a batch against those before it.
pub fn of_batch(
    minor: i64,
    earlier: &[i64],
    currency: &Currency,
    thresholds: &Thresholds,
) -> Option<Finding> {
    let usual = middle(earlier)?;
    let percent = above(minor, usual)?;
    if percent.abs() < thresholds.total_percent {
        return None;
    }
    let amount = |minor: i64| Amount::new(minor, currency.clone()).to_string();
    let how = if percent > 0 { "more" } else { "less" };
    Some(Finding {
        kind: FindingKind::BatchTotal,
        figure: format!("{percent:+} %"),
        baseline: amount(usual),
        sentence: format!(
            "The batch comes to {}, {} % {how} than the {} that is usual (median of the last {}).",
            amount(minor),
            percent.abs(),
            amount(usual),
            earlier.len()
        ),
    })
}

fn middle(earlier: &[i64]) -> Option<i64> {
    if earlier.len() < LEAST_EARLIER {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "it is only compared with")]
    let mut values: Vec<_> = earlier.iter().map(|minor| *minor as f64).collect();
    #[expect(clippy::cast_possible_truncation, reason = "it lies between two numbers that were whole")]
    median(&mut values).map(|middle| middle.round() as i64)
}

/// By how many percent it is more.
fn above(minor: i64, usual: i64) -> Option<i64> {
    if usual <= 0 {
        return None;
    }
    i64::try_from((i128::from(minor) - i128::from(usual)) * 100 / i128::from(usual)).ok()
}

fn lines(count: i64) -> String {
    if count == 1 { "one line".to_owned() } else { format!("{count} lines") }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(rest).collect()
}

fn work(minutes: i64, units: i64) -> String {
    match (minutes, units) {
        (minutes, 0) => format!("{} h", Hours::of_minutes(minutes)),
        (0, units) => format!("{units} units"),
        (minutes, units) => format!("{} h and {units} units", Hours::of_minutes(minutes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    fn kinds(total: i64, marks: Marks, payments: &[i64]) -> Vec<FindingKind> {
        let total = Share { lines: 1, minor: total, ..Share::default() };
        let earlier = Earlier { payments, anybody: true };
        let found = of_payment(total, &marks, &eur(), earlier, &Thresholds::default());
        found.into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn an_ordinary_payment_needs_nobody() {
        assert_eq!(kinds(120_000, Marks::default(), &[100_000, 90_000, 110_000, 100_000]), []);
        let marks = Marks { timed_lines: 20, whole_lines: 17, same_days: 4, ..Marks::default() };
        assert_eq!(kinds(100_000, marks, &[100_000]), [], "and neither do whole hours now and then");
    }

    #[test]
    fn what_is_odd_is_said_with_its_figures() {
        use FindingKind as K;
        assert_eq!(kinds(150_000, Marks::default(), &[100_000; 4]), [K::PayJump]);
        assert_eq!(kinds(149_900, Marks::default(), &[100_000; 4]), []);
        assert_eq!(kinds(900_000, Marks::default(), &[100_000; 2]), [], "two are no habit");
        assert_eq!(kinds(1, Marks::default(), &[]), [K::First]);
        let marks = Marks { timed_lines: 20, whole_lines: 18, same_days: 5, ..Marks::default() };
        assert_eq!(kinds(1, marks, &[1]), [K::WholeHours, K::SameDays]);
        let marks = Marks {
            unpaid_lines: 2,
            unpaid_minutes: 90,
            late_lines: 1,
            late_minor: 500,
            changed_lines: 1,
            changed_minor: 100,
            ..Marks::default()
        };
        let total = Share { lines: 1, minor: 600, ..Share::default() };
        let earlier = Earlier { payments: &[600], anybody: true };
        let found = of_payment(total, &marks, &eur(), earlier, &Thresholds::default());
        let said: Vec<_> = found.iter().map(|finding| finding.sentence.as_str()).collect();
        assert_eq!(
            said,
            [
                "No rate applies to 2 lines (1:30 h), so nothing is paid for it. Write a rate from that day on, or return it.",
                "The rate of one line was changed after the work was done: 1.00 EUR of this payment.",
                "One line is of a period that was paid before: 5.00 EUR.",
            ]
        );
    }

    #[test]
    fn a_pace_is_judged_among_enough_others_only() {
        let others = [10.0, 11.0, 9.0, 10.5, 9.5, 10.0, 10.2, 9.8];
        let of = |pace: f64, others: &[f64]| {
            of_pace(
                FindingKind::PacePeers,
                "Boxes",
                "image",
                pace,
                Spread::of(others)?,
                &Thresholds::default(),
            )
            .map(|it| it.sentence)
        };
        assert_eq!(
            of(25.0, &others).as_deref(),
            Some(
                "Boxes: 25.0 an hour (counted: image), more than others do (median 10.0; 28.9 deviations out)."
            )
        );
        assert_eq!(of(11.0, &others), None);
        assert_eq!(of(25.0, &others[1..]), None, "seven are too few");
        assert!(of(10.1, &[10.0; 8]).unwrap().contains("all of those are the same"));
    }

    #[test]
    fn a_batch_is_judged_by_those_before_it() {
        let of = |minor, earlier: &[i64]| {
            of_batch(minor, earlier, &eur(), &Thresholds::default()).map(|it| it.figure)
        };
        assert_eq!(of(1_600, &[1_000, 1_100, 900]).as_deref(), Some("+60 %"));
        assert_eq!(of(400, &[1_000, 1_100, 900]).as_deref(), Some("-60 %"));
        assert_eq!(of(1_400, &[1_000, 1_100, 900]), None);
        assert_eq!(of(9_000, &[1_000, 1_100]), None);
        assert_eq!(of(9_000, &[0, 0, 0]), None, "nothing has no percent");
    }
}

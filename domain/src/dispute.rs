//! Disputes: somebody says that a line of theirs is wrong, and is answered in time.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::words;
use crate::{Fault, Wrong};

words! {
    /// What came of a dispute.
    Outcome {
        Open => "open", "Waits for an answer";
        /// Whoever answers takes the line back, or has it entered anew.
        PutRight => "put_right", "Put right";
        Stays => "stays", "Stays as it is";
        Withdrawn => "withdrawn", "Withdrawn";
    }
}

const MOST: usize = 1_000;

/// What somebody says is wrong, and what is answered: a few sentences.
pub fn said(text: &str) -> Result<String, Wrong> {
    let text = text.trim().replace("\r\n", "\n");
    match text.chars().count() {
        0 => Err("Say in a sentence or two what it is about.".into()),
        1..=MOST => Ok(text),
        _ => Err(format!("This is more than {MOST} characters. Say it shorter.").into()),
    }
}

/// An answer as it was entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AnswerDraft {
    pub outcome: String,
    pub answer: String,
}

impl AnswerDraft {
    pub fn parse(&self) -> Result<(Outcome, String), Fault> {
        let answer = said(&self.answer)
            .map_err(|_| Fault::field("answer", "Say in at most 1000 characters what you have found."))?;
        match Outcome::parse(&self.outcome) {
            Some(outcome @ (Outcome::PutRight | Outcome::Stays)) => Ok((outcome, answer)),
            _ => Err(Fault::field("outcome", "Say whether it is put right or stays as it is.")),
        }
    }
}

/// Until when there is an answer: days on which nobody works do not count.
pub fn answer_by(from: DateTime<Utc>, within: TimeDelta) -> DateTime<Utc> {
    let (mut at, mut left) = (from, within);
    loop {
        let midnight = (at.date_naive() + chrono::Days::new(1)).and_time(chrono::NaiveTime::MIN).and_utc();
        if crate::timesheet::is_weekend(at.date_naive()) {
            at = midnight;
        } else if left < midnight - at {
            return at + left;
        } else {
            left -= midnight - at;
            at = midnight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_are_not_counted() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let by = |from: &str, hours| answer_by(at(from), TimeDelta::hours(hours));
        assert_eq!(by("2026-11-23T10:00:00Z", 72), at("2026-11-26T10:00:00Z"), "from a Monday");
        assert_eq!(by("2026-11-26T10:00:00Z", 72), at("2026-12-01T10:00:00Z"), "from a Thursday");
        assert_eq!(by("2026-11-28T10:00:00Z", 1), at("2026-11-30T01:00:00Z"), "from a Saturday");
        assert_eq!(by("2026-11-23T10:00:00Z", 0), at("2026-11-23T10:00:00Z"));
        assert_eq!(by("2026-11-27T23:00:00Z", 1), at("2026-11-30T00:00:00Z"), "Friday at eleven");
    }

    #[test]
    fn answers_say_something_and_decide() {
        let parse = |outcome: &str, answer: &str| {
            AnswerDraft { outcome: outcome.into(), answer: answer.into() }
                .parse()
                .map_err(|it| it.fields[0].field.clone())
        };
        assert_eq!(
            parse("stays", " It was paid in May. ").unwrap(),
            (Outcome::Stays, "It was paid in May.".into())
        );
        assert_eq!(parse("withdrawn", "x").unwrap_err(), "outcome");
        assert_eq!(parse("put_right", " ").unwrap_err(), "answer");
        assert!(said(&"x".repeat(1_001)).is_err());
    }
}

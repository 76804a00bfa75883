//! From when until when something was worked, as moments that no zone can change any more.

use std::fmt;

use chrono::{DateTime, FixedOffset, Timelike};
#[cfg(feature = "zones")]
use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::spent::{Reading, Which};
use crate::Wrong;

/// A moment, with what the clock showed to whoever looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub at: DateTime<FixedOffset>,
    /// Which one it is where the clock showed it twice on that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub which: Option<Which>,
}

/// A stretch of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stint {
    pub from: Moment,
    pub until: Moment,
}

impl Stint {
    pub fn minutes(&self) -> i64 {
        (self.until.at - self.from.at).num_minutes()
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.from.at < other.until.at && other.from.at < self.until.at
    }
}

/// `9:00-12:30`, as it would be typed.
impl fmt::Display for Stint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reading = |moment: &Moment| Reading {
            minute: i64::from(moment.at.hour() * 60 + moment.at.minute()),
            which: moment.which,
        };
        let from = reading(&self.from);
        // Where the clocks are changed at midnight, the next day need not begin with 0:00.
        let until = if self.until.at.date_naive() > self.from.at.date_naive() {
            Reading { minute: 24 * 60, which: None }
        } else {
            reading(&self.until)
        };
        write!(f, "{from}-{until}")
    }
}

/// The stints of a line: one after the other, none over another, and at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Stint>", into = "Vec<Stint>")]
pub struct Stints(Vec<Stint>);

impl Stints {
    pub fn new(mut stints: Vec<Stint>) -> Result<Self, Wrong> {
        stints.sort_by_key(|stint| stint.from.at);
        if stints.is_empty() {
            return Err("Say from when until when.".into());
        }
        for stint in &stints {
            if stint.minutes() < 1 {
                return Err(format!("{stint} ends before it begins.").into());
            }
        }
        for pair in stints.windows(2) {
            if let [before, after] = pair
                && before.overlaps(after)
            {
                return Err(format!("{before} and {after} overlap.").into());
            }
        }
        Ok(Self(stints))
    }

    pub fn all(&self) -> &[Stint] {
        &self.0
    }

    pub fn minutes(&self) -> i64 {
        self.0.iter().map(Stint::minutes).sum()
    }

    /// With more of them, where there is room.
    pub fn with(&self, more: &Self) -> Result<Self, Wrong> {
        let mut all = self.0.clone();
        for stint in &more.0 {
            match all.last_mut() {
                // What goes on where it was left is one.
                Some(last) if last.until.at == stint.from.at => last.until = stint.until,
                _ => all.push(*stint),
            }
        }
        Self::new(all)
    }
}

/// `9:00-12:30, 13:00-17:15`.
impl fmt::Display for Stints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, stint) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{stint}")?;
        }
        Ok(())
    }
}

impl TryFrom<Vec<Stint>> for Stints {
    type Error = Wrong;

    fn try_from(stints: Vec<Stint>) -> Result<Self, Wrong> {
        Self::new(stints)
    }
}

impl From<Stints> for Vec<Stint> {
    fn from(stints: Stints) -> Self {
        stints.0
    }
}

#[cfg(feature = "zones")]
mod placed {
    use chrono::{DateTime, DurationRound, Utc};

    use super::{Moment, NaiveDate, Reading, Stint, Stints, TimeDelta, Which, Wrong};
    use crate::people::{Shown, Zone};
    use crate::timesheet::spent::Stretch;

    impl Stints {
        /// What the clock showed, on a day where somebody is. A time that it did not show is refused, and one that it
        /// showed twice has to be told apart.
        pub fn on(day: NaiveDate, stretches: &[Stretch], zone: &Zone) -> Result<Self, Wrong> {
            let placed = stretches.iter().map(|Stretch { from, until }| {
                Ok(Stint { from: moment(day, *from, zone)?, until: moment(day, *until, zone)? })
            });
            Self::new(placed.collect::<Result<_, Wrong>>()?)
        }

        /// From one moment until another, to the minute, cut at midnight: what belongs to which day where somebody is.
        pub fn between(from: DateTime<Utc>, until: DateTime<Utc>, zone: &Zone) -> Vec<(NaiveDate, Self)> {
            let to_minute = |at: DateTime<Utc>| at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
            let (mut from, until) = (to_minute(from), to_minute(until));
            let mut days = Vec::new();
            while from < until {
                let day = zone.local(from).date_naive();
                let Some(next) = day.succ_opt() else { break };
                let ends = zone.begins(next).min(until);
                let stint = Stint { from: zone.shown_at(from), until: zone.shown_at(ends) };
                days.extend(Self::new(vec![stint]).ok().map(|stints| (day, stints)));
                from = ends;
            }
            days
        }
    }

    fn moment(day: NaiveDate, reading: Reading, zone: &Zone) -> Result<Moment, Wrong> {
        let told = |at, which| Ok(Moment { at, which });
        match (zone.shown(day, reading.minute), reading.which) {
            (Shown::Never, _) => Err(format!(
                "{reading} was skipped on this day, when the clocks were put forward. Write what the clock showed."
            )
            .into()),
            (Shown::Once(at), None) => told(at, None),
            (Shown::Once(_), Some(_)) => {
                let once = Reading { which: None, ..reading };
                Err(format!("{once} comes only once on this day. Leave out what stands behind it.").into())
            }
            (Shown::Twice(..), None) => Err(format!(
                "{reading} comes twice on this day, when the clocks were put back. Write {reading}/1 for the first or \
                 {reading}/2 for the second."
            )
            .into()),
            (Shown::Twice(first, _), which @ Some(Which::First)) => told(first, which),
            (Shown::Twice(_, second), which @ Some(Which::Second)) => told(second, which),
        }
    }

    #[cfg(test)]
    mod tests {
        use proptest::prelude::*;

        use super::*;
        use crate::timesheet::Spent;

        fn on(day: &str, text: &str, zone: &str) -> Result<Stints, Wrong> {
            let Spent::Clock(stretches) = Spent::parse(text).unwrap() else { panic!("{text} is no time") };
            Stints::on(day.parse().unwrap(), &stretches, &Zone::parse(zone).unwrap())
        }

        fn minutes(day: &str, text: &str, zone: &str) -> Result<i64, String> {
            on(day, text, zone).map(|stints| stints.minutes()).map_err(|wrong| wrong.to_string())
        }

        #[test]
        fn an_hour_that_was_skipped_is_refused_and_one_that_came_twice_is_asked_for() {
            let berlin = "Europe/Berlin";
            assert_eq!(minutes("2026-11-26", "9-12:30, 13-17", berlin), Ok(450));
            assert!(minutes("2026-03-29", "2:30-4", berlin).unwrap_err().contains("skipped"));
            assert_eq!(minutes("2026-03-29", "1-4", berlin), Ok(120), "one of the three was skipped");
            let asked = minutes("2026-10-25", "2:30-4", berlin).unwrap_err();
            assert!(asked.contains("2:30/1") && asked.contains("2:30/2"), "{asked}");
            assert_eq!(minutes("2026-10-25", "2:30/1-4", berlin), Ok(150));
            assert_eq!(minutes("2026-10-25", "2:30/2-4", berlin), Ok(90));
            assert_eq!(minutes("2026-10-25", "2:50/1-2:10/2", berlin), Ok(20));
            assert!(minutes("2026-10-25", "2:50/2-2:10/1", berlin).unwrap_err().contains("before it begins"));
            assert!(minutes("2026-11-26", "2:30/1-4", berlin).unwrap_err().contains("only once"));
            assert_eq!(minutes("2026-10-25", "0-24", berlin), Ok(1_500));
            assert!(minutes("2018-11-04", "0:30-2", "America/Sao_Paulo").is_err(), "there was no midnight");
        }

        #[test]
        fn a_line_does_not_overlap_itself() {
            assert!(minutes("2026-11-26", "9-12, 11-13", "UTC").unwrap_err().contains("overlap"));
            assert_eq!(minutes("2026-11-26", "11-13, 9-11", "UTC"), Ok(240));
        }

        #[test]
        fn what_goes_over_midnight_is_cut_there() {
            let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
            let zone = Zone::parse("Europe/Berlin").unwrap();
            let days = Stints::between(at("2026-11-26T21:59:40Z"), at("2026-11-27T00:20:10Z"), &zone);
            let written: Vec<_> = days.iter().map(|(day, stints)| format!("{day} {stints}")).collect();
            assert_eq!(written, ["2026-11-26 22:59-24:00", "2026-11-27 0:00-1:20"]);
            let night = Stints::between(at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"), &zone);
            assert_eq!(night[0].1.to_string(), "2:30/1-2:30/2");
            assert!(
                Stints::between(at("2026-11-26T10:00:05Z"), at("2026-11-26T10:00:55Z"), &zone).is_empty()
            );
        }

        proptest! {
            #[test]
            fn what_is_shown_reads_back(
                minute in 0_i64..525_600, length in 1_i64..1_400, zone in prop::sample::select(vec!["Europe/Berlin", "UTC", "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu", "America/Santiago", "Africa/Cairo", "Atlantic/Azores", "America/Havana"])
            ) {
                let from = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute);
                let place = Zone::parse(zone).unwrap();
                let days = Stints::between(from, from + TimeDelta::minutes(length), &place);
                prop_assert_eq!(days.iter().map(|(_, stints)| stints.minutes()).sum::<i64>(), length);
                for (day, stints) in days {
                    prop_assert_eq!(on(&day.to_string(), &stints.to_string(), zone), Ok(stints.clone()));
                    let text = serde_json::to_string(&stints).unwrap();
                    prop_assert_eq!(serde_json::from_str::<Stints>(&text).unwrap(), stints);
                }
            }
        }
    }
}

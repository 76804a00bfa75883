//! Whether somebody who is asked is worth asking at the moment. Who fails again and again is left alone for a while; then one
//! is let in to see, and the others wait for what comes of it.

use chrono::{DateTime, TimeDelta, Utc};

use super::Mishap;

/// So many failures without any success between them open a breaker.
pub const TRIPS_AFTER: i64 = 5;

/// How long it stays open at first; each time in a row twice as long.
const FIRST: TimeDelta = TimeDelta::seconds(10);
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// How long whoever was let in to see may take before another is.
const TRIAL: TimeDelta = TimeDelta::seconds(90);

/// How soon the others come back while somebody sees.
const MEANWHILE: TimeDelta = TimeDelta::seconds(30);

/// What is known of somebody who is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Without any success between them.
    pub failures: i64,
    /// How often in a row it was opened.
    pub opened: i64,
    pub open_until: Option<DateTime<Utc>>,
    /// Somebody was let in to see, and has until then to come back.
    pub trial_until: Option<DateTime<Utc>>,
}

/// Whether somebody may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    Free,
    /// As the one who sees whether it is well again.
    Trial,
    /// Not before then.
    Closed(DateTime<Utc>),
}

impl Mishap {
    /// Whether it says something about whoever was asked, and not about what they were asked.
    pub const fn is_theirs(self) -> bool {
        matches!(self, Self::Network | Self::Timeout | Self::Busy | Self::Server)
    }
}

impl Breaker {
    /// Whether somebody may ask now. Whoever is let in to see is noted.
    pub fn enter(&mut self, now: DateTime<Utc>) -> Entrance {
        let Some(until) = self.open_until else { return Entrance::Free };
        if now < until {
            return Entrance::Closed(until);
        }
        match self.trial_until {
            Some(trial) if now < trial => Entrance::Closed(trial.min(now + MEANWHILE)),
            _ => {
                self.trial_until = Some(now + TRIAL);
                Entrance::Trial
            }
        }
    }

    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Whoever was let in to see has not seen anything: another may.
    pub const fn came_back_without_word(&mut self) {
        self.trial_until = None;
    }

    pub fn failed(&mut self, now: DateTime<Utc>) {
        self.failures = self.failures.saturating_add(1);
        let open = self.open_until.is_some_and(|until| now < until);
        let tried_in_vain = self.trial_until.take().is_some();
        // What was asked before it opened, and fails now, opens it no further.
        if open || (self.failures < TRIPS_AFTER && !tried_in_vain) {
            return;
        }
        self.opened = self.opened.saturating_add(1);
        let doubled = 2_i32.checked_pow(u32::try_from(self.opened - 1).unwrap_or(u32::MAX));
        let pause =
            doubled.and_then(|times| FIRST.checked_mul(times)).map_or(LONGEST, |pause| pause.min(LONGEST));
        self.open_until = Some(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn tripped() -> Breaker {
        let mut breaker = Breaker::default();
        (0..TRIPS_AFTER).for_each(|_| breaker.failed(at(0)));
        breaker
    }

    #[test]
    fn who_fails_again_and_again_is_left_alone_and_then_tried_by_one() {
        let mut breaker = Breaker::default();
        (1..TRIPS_AFTER).for_each(|_| breaker.failed(at(0)));
        assert_eq!(breaker.enter(at(0)), Entrance::Free);
        breaker.failed(at(0));
        assert_eq!(breaker.enter(at(1)), Entrance::Closed(at(10)));
        assert_eq!(breaker.enter(at(10)), Entrance::Trial);
        assert!(
            matches!(breaker.enter(at(10)), Entrance::Closed(until) if until > at(10)),
            "one is enough to see"
        );
        breaker.succeeded();
        assert_eq!((breaker, breaker.enter(at(11))), (Breaker::default(), Entrance::Free));
    }

    #[test]
    fn each_trial_in_vain_doubles_the_pause_up_to_the_longest() {
        let mut breaker = tripped();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let now = breaker.open_until.unwrap();
            assert_eq!(breaker.enter(now), Entrance::Trial);
            breaker.failed(now);
            pauses.push((breaker.open_until.unwrap() - now).num_seconds());
        }
        assert_eq!(pauses, [20, 40, 80, 160, 300, 300, 300, 300]);
    }

    #[test]
    fn whoever_has_seen_nothing_in_a_trial_is_followed_by_another_at_once() {
        let mut breaker = tripped();
        assert_eq!(breaker.enter(at(10)), Entrance::Trial);
        breaker.came_back_without_word();
        assert_eq!(breaker.enter(at(10)), Entrance::Trial);
        assert!(breaker.failures >= TRIPS_AFTER, "that is no success");
    }

    #[test]
    fn whoever_does_not_come_back_from_a_trial_is_followed_by_another() {
        let mut breaker = tripped();
        assert_eq!(breaker.enter(at(10)), Entrance::Trial);
        assert_eq!(breaker.enter(at(10) + TRIAL), Entrance::Trial);
    }

    proptest! {
        #[test]
        fn those_who_were_asked_before_it_opened_open_it_no_further(late in 1_usize..200) {
            let mut breaker = tripped();
            let before = breaker.open_until;
            (0..late).for_each(|_| breaker.failed(at(3)));
            prop_assert_eq!((breaker.open_until, breaker.opened), (before, 1));
        }

        #[test]
        fn at_most_one_is_let_in_at_any_moment_while_it_is_open(tries in 1_usize..50, second in 10_i64..90) {
            let mut breaker = tripped();
            let trials = (0..tries).filter(|_| breaker.enter(at(second)) == Entrance::Trial).count();
            prop_assert_eq!(trials, 1);
        }
    }
}

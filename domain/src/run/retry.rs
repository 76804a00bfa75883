//! How often and how soon what failed is tried again.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::audit::words;
use crate::span::Span;

/// A run whose worker was lost so often without any progress in between takes workers down: it is not tried again.
pub const POISON: i64 = 3;

/// Whether a run that was lost with its worker so often is given up. Losing a worker is no failure of the step, and is
/// counted apart.
pub const fn poison(crashes: i64) -> bool {
    crashes >= POISON
}

words! {
    /// What went wrong with a call to somewhere else.
    Mishap {
        Network => "network", "Nobody answered";
        Timeout => "timeout", "The answer took too long";
        Busy => "busy", "It was told to come back later";
        Server => "server", "The other side failed";
        Invalid => "invalid", "The answer was not what it should be";
        Refused => "refused", "The other side refused";
    }
}

/// The policy of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// How often it is tried at most, the first time included.
    pub attempts: u32,
    /// The longest wait before the second attempt; each further one may wait twice as long.
    pub first: Span,
    /// No wait is longer than this.
    pub most: Span,
    /// After which mishaps it is tried again.
    pub on: Vec<Mishap>,
}

impl Default for Retry {
    fn default() -> Self {
        use Mishap::{Busy, Invalid, Network, Server, Timeout};
        Self {
            attempts: 4,
            first: Span::seconds(1),
            most: Span::seconds(300),
            on: vec![Network, Timeout, Busy, Server, Invalid],
        }
    }
}

impl Retry {
    /// How long to wait after so many attempts, the last of which went wrong like this; nothing if it is not tried again.
    /// A random part of the whole wait (`dice` from 0 to 1), so that what failed together does not come back together.
    pub fn wait_after(&self, attempts: u32, mishap: Mishap, dice: f64) -> Option<Duration> {
        if attempts >= self.attempts || !self.on.contains(&mishap) {
            return None;
        }
        let (first, most) = (self.first.duration(), self.most.duration());
        let doubled = 2_u32.checked_pow(attempts.saturating_sub(1));
        let longest = doubled.and_then(|times| first.checked_mul(times)).map_or(most, |wait| wait.min(most));
        Some(longest.mul_f64(dice.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn waits_double_up_to_the_most_and_end_with_the_last_attempt(
            attempts in 1_u32..40, first in 0_u64..10_000, most in 0_u64..1_000_000, dice in 0.0_f64..=1.0,
        ) {
            let policy = Retry { attempts, first: Span::seconds(first), most: Span::seconds(most), ..Retry::default() };
            let wait = |done, dice| policy.wait_after(done, Mishap::Timeout, dice);
            for done in 1..attempts {
                let longest = wait(done, 1.0).unwrap();
                prop_assert!(wait(done, dice).unwrap() <= longest && longest <= policy.most.duration());
                if done > 1 {
                    let before = wait(done - 1, 1.0).unwrap();
                    prop_assert!(longest == (before * 2).min(policy.most.duration()) || before == policy.most.duration());
                }
            }
            prop_assert_eq!(wait(attempts, dice), None);
            prop_assert_eq!(wait(u32::MAX, dice), None);
        }
    }

    #[test]
    fn what_would_fail_again_is_not_tried_again() {
        assert!(Retry::default().wait_after(1, Mishap::Refused, 0.5).is_none());
    }

    #[test]
    fn three_lost_workers_are_enough() {
        assert!(!poison(2) && poison(3));
    }
}

//! How often and how soon what failed is tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A run whose worker was lost so often without any progress in between takes workers down: it is not tried again.
const POISON: i64 = 3;

/// Whether a run that was lost with its worker so often is given up. Losing a worker is no failure of the step, and is
/// counted apart.
pub const fn poison(crashes: i64) -> bool {
    crashes >= POISON
}

/// The policy of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// How often it is tried at most, the first time included.
    pub attempts: u32,
    /// The longest wait before the second attempt; each further one may wait twice as long.
    pub first: Duration,
    /// No wait is longer than this.
    pub most: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 4, first: Duration::from_secs(1), most: Duration::from_secs(300) }
    }
}

impl Retry {
    /// How long to wait after so many attempts; nothing if there was the last. A random part of the whole wait (`dice`
    /// from 0 to 1), so that what failed together does not come back together.
    pub fn wait_after(&self, attempts: u32, dice: f64) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let doubled = 2_u32.checked_pow(attempts.saturating_sub(1));
        let longest = doubled
            .and_then(|times| self.first.checked_mul(times))
            .map_or(self.most, |wait| wait.min(self.most));
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
            let policy = Retry { attempts, first: Duration::from_millis(first), most: Duration::from_millis(most) };
            for done in 1..attempts {
                let wait = policy.wait_after(done, dice).unwrap();
                let longest = policy.wait_after(done, 1.0).unwrap();
                prop_assert!(wait <= longest && longest <= policy.most);
                if done > 1 {
                    let before = policy.wait_after(done - 1, 1.0).unwrap();
                    prop_assert!(longest == (before * 2).min(policy.most) || before == policy.most);
                }
            }
            prop_assert_eq!(policy.wait_after(attempts, dice), None);
            prop_assert_eq!(policy.wait_after(u32::MAX, dice), None);
        }
    }

    #[test]
    fn three_lost_workers_are_enough() {
        assert!(!poison(2) && poison(3));
    }
}

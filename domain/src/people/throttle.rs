//! How fast somebody may try. The generic cell rate algorithm: a key remembers one moment, its *horizon*; each try
//! moves it one step on, and a try is refused while the horizon is too far ahead of now. A refused try moves nothing,
//! so hammering cannot lock anybody out: one try is free again every `step`, for ever.

use chrono::{DateTime, TimeDelta, Utc};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// How many tries may come at once.
    pub burst: i32,
    /// How long until one more is free.
    pub step: TimeDelta,
}

impl Throttle {
    /// One address guessing at one account.
    pub const ACCOUNT: Self = Self { burst: 10, step: TimeDelta::seconds(30) };
    /// Many addresses guessing at one account. A free try comes sooner than one address may try, so that no single
    /// address can take every one of them.
    pub const ACCOUNT_WIDE: Self = Self { burst: 100, step: TimeDelta::seconds(3) };
    /// One address trying many accounts. Offices share addresses, so this one is generous.
    pub const ADDRESS: Self = Self { burst: 60, step: TimeDelta::seconds(10) };
    /// A device that has signed in before answers for itself: a stranger's guesses do not slow its owner down.
    pub const DEVICE: Self = Self { burst: 8, step: TimeDelta::seconds(20) };
    /// Six digits: slow enough that a million of them take years.
    pub const CODE: Self = Self { burst: 6, step: TimeDelta::seconds(60) };
    /// Mails that anybody can make us send.
    pub const MAIL: Self = Self { burst: 3, step: TimeDelta::seconds(300) };

    /// The latest horizon that still lets a try in.
    pub fn limit(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.step * (self.burst - 1)
    }

    /// Where a try that was let in moves the horizon to.
    pub fn after(self, horizon: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        horizon.max(now) + self.step
    }

    /// Whole seconds until a try is let in again; 0 if it is now.
    pub fn wait_s(self, horizon: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
        let wait = (horizon - self.limit(now)).num_milliseconds().max(0);
        u64::try_from(wait).unwrap_or(0).div_ceil(1000)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Plays tries at the given moments; answers which were let in.
    fn play(throttle: Throttle, at: &[i64]) -> Vec<bool> {
        let mut horizon = DateTime::UNIX_EPOCH;
        at.iter()
            .map(|second| {
                let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(*second);
                let open = horizon <= throttle.limit(now);
                if open {
                    horizon = throttle.after(horizon, now);
                }
                open
            })
            .collect()
    }

    #[test]
    fn a_burst_passes_then_one_per_step() {
        let throttle = Throttle { burst: 3, step: TimeDelta::seconds(10) };
        assert_eq!(
            play(throttle, &[100, 100, 100, 100, 109, 110, 111]),
            [true, true, true, false, false, true, false]
        );
    }

    proptest! {
        #[test]
        fn nobody_is_locked_out_for_ever(tries in prop::collection::vec(0i64..600, 0..200)) {
            let mut tries = tries;
            tries.sort_unstable();
            // However hard somebody hammers, once it stops for one step the next try is let in.
            let last = tries.last().copied().unwrap_or(0);
            tries.push(last + Throttle::ACCOUNT.step.num_seconds());
            prop_assert_eq!(play(Throttle::ACCOUNT, &tries).pop(), Some(true));
        }

        #[test]
        fn a_guesser_gets_no_more_than_its_rate(tries in prop::collection::vec(0i64..3600, 0..500)) {
            let mut tries = tries;
            tries.sort_unstable();
            let let_in = play(Throttle::ACCOUNT, &tries).into_iter().filter(|open| *open).count();
            prop_assert!(let_in <= 10 + 3600 / 30);
        }
    }
}

//! Webhooks: what a run tells others, and how often that is tried.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::audit::words;

words! {
    /// Where a message stands.
    MessageState {
        Pending => "pending", "On its way";
        Delivered => "delivered", "Delivered";
        Failed => "failed", "Given up";
    }
}

/// How long after a failed try the next is made: the schedule that the Standard Webhooks scheme proposes. Somebody who is
/// away for a day or two has missed nothing.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// How long to wait after so many failed tries, a tenth longer at most by `dice` (0 to 1) so that what failed together does
/// not come back together; nothing if it is given up.
pub fn pause_after(failed: u32, dice: f64) -> Option<Duration> {
    let place = usize::try_from(failed.checked_sub(1)?).ok()?;
    PAUSES.get(place).map(|pause| pause.mul_f64(1.0 + dice.clamp(0.0, 1.0) / 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_that_is_away_for_a_day_misses_nothing() {
        let all: Duration = (1..).map_while(|failed| pause_after(failed, 0.0)).sum();
        assert!(all > Duration::from_hours(72));
        assert!(pause_after(1, 1.0).unwrap() < Duration::from_secs(6), "a hiccup is over in seconds");
        assert_eq!((pause_after(0, 0.5), pause_after(10, 0.5)), (None, None));
    }
}

use chrono::{DateTime, TimeDelta, Utc};

/// From when on an account counts that was entered now. The first that people enter for themselves counts at once: there is
/// nothing it could take the money away from. Any other waits, so that whoever it is about hears of it in time.
pub fn counts_from(at: DateTime<Utc>, is_first: bool, by_themselves: bool, wait: TimeDelta) -> DateTime<Utc> {
    if is_first && by_themselves { at } else { at + wait }
}

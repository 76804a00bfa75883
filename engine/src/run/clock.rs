//! The time that goes for leases, waits and retries: where several servers share a database, its clock, as far as we know
//! it. Every transaction that asks for it sets ours right, so that nothing has to be asked in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use crate::world::World;

#[derive(Clone)]
pub struct Clock {
    world: World,
    /// How far the other clock is ahead of ours, in microseconds.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    pub fn new(world: World) -> Self {
        Self { world, ahead: Arc::default() }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.world.now() + TimeDelta::microseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// The other clock has just said this.
    pub fn set(&self, at: DateTime<Utc>) {
        let ahead = at - self.world.now();
        self.ahead.store(ahead.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
    }

    /// How long it is until then; nothing if that is past.
    pub fn until(&self, at: DateTime<Utc>) -> std::time::Duration {
        (at - self.now()).to_std().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::staged_world;

    #[test]
    fn it_goes_by_what_it_was_told_last() {
        let world = staged_world();
        let clock = Clock::new(world.clone());
        assert_eq!(clock.now(), world.now());
        clock.set(world.now() + TimeDelta::minutes(5));
        world.advance(TimeDelta::seconds(1));
        assert_eq!(clock.now() - world.now(), TimeDelta::minutes(5));
        assert_eq!(clock.until(world.now() + TimeDelta::minutes(6)).as_secs(), 60);
        assert_eq!(clock.until(world.now()).as_secs(), 0);
    }
}

//! The clock and the dice. Everything else is told what time it is and given its random bytes, so that a test can
//! decide both; this is the one place that reads the real ones.

#[cfg(test)]
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use uuid::{Builder, Uuid};

/// Where times and random bytes come from.
#[derive(Clone)]
pub enum World {
    Real,
    /// A clock that stands until it is moved, and dice that fall the same way every time.
    Staged(Arc<Mutex<Stage>>),
    /// The real one on a machine whose clock is wrong by so many microseconds.
    #[cfg(test)]
    Wrong(Arc<AtomicI64>),
}

pub struct Stage {
    now: DateTime<Utc>,
    dice: StdRng,
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn real() -> DateTime<Utc> {
    Utc::now()
}

impl World {
    pub fn staged(now: DateTime<Utc>, seed: u64) -> Self {
        Self::Staged(Arc::new(Mutex::new(Stage { now, dice: StdRng::seed_from_u64(seed) })))
    }

    /// Truncated to what both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match self {
            Self::Real => real(),
            #[cfg(test)]
            Self::Wrong(by) => real() + TimeDelta::microseconds(by.load(Ordering::Relaxed)),
            Self::Staged(stage) => stage.lock().unwrap_or_else(PoisonError::into_inner).now,
        };
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }

    /// Moves a clock that can be moved; the real one cannot.
    pub fn advance(&self, by: TimeDelta) {
        match self {
            Self::Real => {}
            #[cfg(test)]
            Self::Wrong(wrong) => {
                wrong.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
            }
            Self::Staged(stage) => stage.lock().unwrap_or_else(PoisonError::into_inner).now += by,
        }
    }

    /// Whether its time is one of a stage, which goes for everybody on it.
    pub const fn is_staged(&self) -> bool {
        matches!(self, Self::Staged(_))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::Staged(stage) => {
                stage.lock().unwrap_or_else(PoisonError::into_inner).dice.fill_bytes(&mut bytes);
            }
            Self::Real => rand::rng().fill_bytes(&mut bytes),
            #[cfg(test)]
            Self::Wrong(_) => rand::rng().fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A number from 0 to 1, each as likely.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_be_bytes(self.bytes())) / f64::from(u32::MAX)
    }

    /// A new id, sorting after the ones made before.
    pub fn id(&self) -> Uuid {
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

//! What a worker works on at the moment, and how long it surely may.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::RunId;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::store::Lease;

#[derive(Default)]
pub struct Leases(Mutex<HashMap<RunId, Leased>>);

struct Leased {
    epoch: i64,
    /// By our own clock that never jumps, and well before others take over.
    sure_until: Instant,
    lapsed: CancellationToken,
}

impl Leases {
    /// A run is worked on from now on. Answers with what tells whoever does so to stop. If somebody here has it under an
    /// earlier lease, which our clock has not seen ending, they are told at once.
    pub fn take(&self, lease: Lease, sure_until: Instant) -> CancellationToken {
        let lapsed = CancellationToken::new();
        let leased = Leased { epoch: lease.lease_epoch, sure_until, lapsed: lapsed.clone() };
        if let Some(earlier) = self.all().insert(lease.run_id, leased) {
            earlier.lapsed.cancel();
        }
        lapsed
    }

    /// Nobody here works on it any more.
    pub fn give_back(&self, lease: Lease) {
        let mut all = self.all();
        if all.get(&lease.run_id).is_some_and(|leased| leased.epoch == lease.lease_epoch) {
            all.remove(&lease.run_id);
        }
    }

    /// Those that are not sure for as long as this.
    pub fn to_renew(&self, until: Instant) -> Vec<Lease> {
        let all = self.all();
        let old = all.iter().filter(|(_, leased)| leased.sure_until < until);
        old.map(|(run_id, leased)| Lease { run_id: *run_id, lease_epoch: leased.epoch }).collect()
    }

    /// Of those whose renewal was asked for, some still hold.
    pub fn renewed(&self, asked: &[Lease], held: &[Lease], sure_until: Instant) {
        let mut all = self.all();
        for lease in asked {
            let Some(mine) = all.get_mut(&lease.run_id).filter(|mine| mine.epoch == lease.lease_epoch) else {
                continue;
            };
            if held.contains(lease) {
                mine.sure_until = sure_until;
            } else {
                mine.lapsed.cancel();
            }
        }
    }

    /// Stops what is not sure any more.
    pub fn drop_lapsed(&self, now: Instant) {
        for leased in self.all().values().filter(|leased| leased.sure_until <= now) {
            leased.lapsed.cancel();
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<RunId, Leased>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lease(lease_epoch: i64) -> Lease {
        Lease { run_id: RunId(uuid::Uuid::nil()), lease_epoch }
    }

    #[test]
    fn a_later_lease_of_the_same_run_ends_the_earlier_one() {
        let (leases, now) = (Leases::default(), Instant::now());
        let later = now + Duration::from_secs(10);
        let first = leases.take(lease(1), later);
        let second = leases.take(lease(2), later);
        assert!(first.is_cancelled() && !second.is_cancelled());
        leases.give_back(lease(1));
        assert_eq!(
            leases.to_renew(later + Duration::from_secs(1)),
            [lease(2)],
            "what is given back is not the later one"
        );
        leases.renewed(&[lease(2)], &[], later);
        assert!(second.is_cancelled(), "it was not renewed");
    }

    #[test]
    fn what_is_not_sure_any_more_is_stopped() {
        let (leases, now) = (Leases::default(), Instant::now());
        let sure = leases.take(lease(1), now + Duration::from_secs(1));
        leases.drop_lapsed(now);
        assert!(!sure.is_cancelled());
        leases.renewed(&[lease(1)], &[lease(1)], now + Duration::from_secs(2));
        leases.drop_lapsed(now + Duration::from_secs(1));
        assert!(!sure.is_cancelled());
        leases.drop_lapsed(now + Duration::from_secs(2));
        assert!(sure.is_cancelled());
    }
}

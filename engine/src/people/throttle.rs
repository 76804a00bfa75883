//! Lets tries through at the rate that `domain::people::Throttle` allows. Each try is charged before it is made, so
//! tries that race one another all count.

use domain::Fault;
use domain::people::Throttle;

use super::People;
use super::store::throttle;
use crate::Error;
use crate::act::Act;
use crate::db::Tx;

impl People {
    /// Charges one try to every key, or refuses with the time to wait.
    pub(super) async fn charge(&self, act: &Act, keys: &[(String, Throttle)]) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        for (key, rate) in keys {
            if !throttle::charge(&mut tx, key, *rate, act.at).await? {
                let horizon = throttle::horizon(&mut tx, key).await?.unwrap_or_default();
                tracing::info!(%key, "throttled");
                return Err(Fault::too_many(rate.wait_s(horizon, act.at).max(1)).into());
            }
        }
        Ok(tx.commit().await?)
    }

    /// Somebody proved to be right: the try that led there is given back, and no other. Whoever has an account of their
    /// own must not be able to wipe out what they have guessed at others'.
    pub(super) async fn forgive(&self, tx: &mut Tx, keys: &[(String, Throttle)]) -> Result<(), Error> {
        for (key, rate) in keys {
            throttle::give_back(tx, key, *rate).await?;
        }
        Ok(())
    }
}

//! Hashing passwords: argon2id as OWASP advises, off the threads that serve requests, and not too many at once,
//! because each takes 19 MiB and all of a core for a while.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
#[cfg(any(test, feature = "testing"))]
use argon2::{Algorithm, Params, Version};
use domain::people::{NewPassword, Person};
use domain::{Fault, Wrong};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::People;
use crate::Error;
use crate::act::Act;
use crate::world::World;

/// Verified when there is no account, so that its absence takes as long to tell as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y291bnRlcnNpZ24tbm9ib2R5$Ri9AhcqbUVnZzV7Q2kz1kpC5wQu2aWvJzqhgAZ3tW5s";

/// What zxcvbn calls "safely unguessable: moderate protection from offline attack".
const MIN_SCORE: u8 = 3;

#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    at_once: Arc<Semaphore>,
}

impl Hasher {
    pub fn new(at_once: usize) -> Self {
        // OWASP's first choice: 19 MiB, two passes, one lane; it is also the default of the crate.
        Self { argon2: Argon2::default(), at_once: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// So cheap that a test can sign hundreds of people in.
    #[cfg(any(test, feature = "testing"))]
    pub fn cheap() -> Self {
        let params = Params::new(8, 1, 1, None).unwrap_or_default();
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            at_once: Arc::new(Semaphore::new(8)),
        }
    }

    /// Lets no password be hashed as long as what is answered is held.
    #[cfg(test)]
    pub(super) async fn hold(&self) -> tokio::sync::OwnedSemaphorePermit {
        Arc::clone(&self.at_once).acquire_many_owned(8).await.unwrap()
    }

    /// The hash of a password that is hard enough to guess for somebody who knows these things about its owner.
    pub(super) async fn hash_strong(
        &self,
        world: &World,
        password: NewPassword,
        about: Vec<String>,
    ) -> Result<Result<String, Wrong>, Error> {
        let salt = SaltString::encode_b64(&world.bytes::<16>()).map_err(|e| Error::Hash(e.to_string()))?;
        self.run(move |argon2| {
            if let Err(weak) = strength(password.reveal(), &about) {
                return Ok(Err(weak));
            }
            let hash = argon2.hash_password(password.reveal().as_bytes(), &salt);
            hash.map(|hash| Ok(hash.to_string())).map_err(|e| Error::Hash(e.to_string()))
        })
        .await
    }

    /// Whether the password is right; takes the same time when there is no hash to check it against.
    pub(super) async fn verify(&self, hash: Option<String>, password: String) -> Result<bool, Error> {
        self.run(move |argon2| {
            let text = hash.as_deref().unwrap_or(NOBODY);
            let parsed = PasswordHash::new(text).map_err(|e| Error::Hash(e.to_string()))?;
            let right = argon2.verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(right && hash.is_some())
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.at_once).acquire_owned().await;
        let argon2 = self.argon2.clone();
        spawn_blocking(move || {
            let _turn = turn;
            work(&argon2)
        })
        .await?
    }
}

impl People {
    /// Hashes a password its owner has chosen, or says what is weak about it.
    pub(super) async fn hash_for(
        &self,
        act: &Act,
        person: &Person,
        password: NewPassword,
    ) -> Result<String, Error> {
        let about = vec![person.name.to_string(), person.email.to_string(), "countersign".to_owned()];
        let hash = self.hasher.hash_strong(&act.world, password, about).await?;
        hash.map_err(|weak| Fault::field("password", weak.to_string()).into())
    }
}

/// Refuses what a guesser would soon try, and says what would be better.
pub(super) fn strength(password: &str, about: &[String]) -> Result<(), Wrong> {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    let entropy = zxcvbn::zxcvbn(password, &about);
    if u8::from(entropy.score()) >= MIN_SCORE {
        return Ok(());
    }
    let why =
        entropy.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|warning| format!("{warning} "));
    Err(format!(
        "{}Choose something harder to guess, like four or five unrelated words.",
        why.unwrap_or_default()
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_costs_what_everybody_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(cost(&Params::try_from(&nobody).unwrap()), cost(Argon2::default().params()));
        assert_eq!(nobody.algorithm, Algorithm::Argon2id.ident());
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for weak in ["password1234", "qwertyuiop12", "countersign1"] {
            assert!(strength(weak, &["countersign".to_owned()]).is_err(), "{weak}");
        }
        assert!(strength("marble kettle orbit fox", &[]).is_ok());
    }
}

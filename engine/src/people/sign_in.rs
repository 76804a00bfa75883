//! Signing in. Whether an account exists can be told neither from the answer nor from the time it takes.

use chrono::{DateTime, Utc};
use domain::audit::Action;
use domain::ids::PersonId;
use domain::people::{Email, Person, Status, Throttle};
use domain::{Fault, FaultKind};
use uuid::Uuid;

use super::invite::POWERFUL;
use super::trail::entry;
use super::{People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::record;

/// What is entered to sign in.
#[derive(Clone, Default)]
pub struct Attempt {
    pub email: String,
    pub password: String,
    /// The mark of a device that has signed in before, if the browser brought one.
    pub device: Option<String>,
}

/// Somebody who has proved who they are.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub person: Person,
    /// Since when the password they gave has held. A session is begun only while it still does: whoever chooses a new
    /// one ends every session, also one that is just beginning.
    pub password_of: DateTime<Utc>,
}

/// A password that was right.
#[derive(Clone, Debug)]
pub enum SignedIn {
    In(Admitted),
    /// The second step is still to come.
    NeedsCode(PersonId),
}

impl People {
    pub async fn sign_in(&self, act: &Act, attempt: &Attempt) -> Result<SignedIn, Error> {
        if attempt.email.trim().is_empty() {
            return Err(Fault::field("email", "Enter an email address.").into());
        }
        if attempt.password.is_empty() {
            return Err(Fault::field("password", "Enter your password.").into());
        }
        // What cannot be an address is still tried, so that it costs what a wrong one costs.
        let email = Email::parse(&attempt.email).ok();
        let account = email.as_ref().map_or_else(|| "?".to_owned(), Email::to_string);
        let keys = self.throttles(act, &account, attempt.device.as_deref());
        self.charge(act, &keys).await?;

        let person = match &email {
            Some(email) => store::person::by_email(&self.db, email).await?,
            None => None,
        };
        let person = person.filter(|person| person.status == Status::Active);
        // Asked for also when there is nobody: the way to "no" is the same, step for step.
        let id = person.as_ref().map_or(PersonId(Uuid::nil()), |person| person.id);
        let credential = store::credential::of(&self.db, id).await?;
        let hash = credential.as_ref().map(|credential| credential.password_hash.clone());
        let right = self.hasher.verify(hash, attempt.password.clone()).await?;
        let (Some(person), Some(credential), true) = (person, credential, right) else {
            tracing::info!(address = %act.address, "a sign-in failed");
            return Err(wrong().into());
        };
        if credential.totp_enabled {
            return Ok(SignedIn::NeedsCode(person.id));
        }
        self.welcome(act, &person, &keys).await?;
        Ok(SignedIn::In(Admitted { person, password_of: credential.changed_at }))
    }

    /// Notes a complete sign-in, and forgives the tries that led to it.
    pub(super) async fn welcome(
        &self,
        act: &Act,
        person: &Person,
        keys: &[(String, Throttle)],
    ) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        self.forgive(&mut tx, keys).await?;
        store::person::seen(&mut tx, person.id, act.at).await?;
        let act = Act { actor: Actor::Person { person: person.clone().into(), scopes: None }, ..act.clone() };
        record(&mut tx, &act, entry(Action::SignedIn, person, None, None)).await?;
        Ok(tx.commit().await?)
    }

    pub async fn sign_out(&self, act: &Act, id_hash: &str) -> Result<(), Error> {
        let me = act.person_in_browser()?.clone();
        let mut tx = self.db.begin().await?;
        store::session::delete(&mut tx, id_hash).await?;
        record(&mut tx, act, entry(Action::SignedOut, &me, None, None)).await?;
        Ok(tx.commit().await?)
    }

    /// The tries of one address are counted together, and those at one account; but a device its owner has used before
    /// answers for itself, so that neither strangers' guesses nor a neighbour behind the same address keep the owner
    /// out. Its mark is good for one account only.
    pub(super) fn throttles(
        &self,
        act: &Act,
        account: &str,
        device: Option<&str>,
    ) -> Vec<(String, Throttle)> {
        let known = device.filter(|mark| self.seal.open(&device_purpose(account), mark).is_some());
        match known {
            // The mark reads the same in either case, so it counts as the same.
            Some(mark) => {
                let mark = crate::secret::hash(&mark.to_ascii_lowercase());
                vec![(format!("device:{mark}"), Throttle::DEVICE)]
            }
            None => vec![
                (format!("address:{}", act.address), Throttle::ADDRESS),
                (format!("account:{account}:{}", act.address), Throttle::ACCOUNT),
                (format!("account:{account}"), Throttle::ACCOUNT_WIDE),
            ],
        }
    }

    /// A mark for the browser of somebody who has signed in, by which it is known again.
    pub fn device_mark(&self, act: &Act, person: &Person) -> Result<String, Error> {
        self.seal.seal(&act.world, &device_purpose(person.email.as_str()), "known")
    }

    /// Whether policy wants this person to set up a second step before anything else.
    pub fn must_enrol(&self, person: &Person) -> bool {
        self.policy.require_two_step && !person.two_step && person.roles.meets(POWERFUL)
    }
}

fn device_purpose(account: &str) -> String {
    format!("device:{account}")
}

pub(super) fn wrong() -> Fault {
    Fault::new(
        FaultKind::Invalid,
        "That email address and password do not belong together. Check both, or reset your password.",
    )
}

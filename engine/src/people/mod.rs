//! People: invitations, accounts, signing in, and everything that proves who somebody is.
//!
//! A file per use case; [`People`] is what they share.

mod account;
mod csv;
mod invite;
mod link;
mod password;
mod reset;
mod sessions;
mod setup;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;
mod throttle;
mod tokens;
mod trail;
mod two_step;

use std::sync::Arc;
use std::time::Duration;

pub use account::{Change, Filter, Profile};
pub use csv::{CsvPreview, CsvRow};
pub use invite::{Accept, Invitation, Invited};
pub use link::{LinkKind, OpenLink};
pub use password::Hasher;
pub use sessions::{SessionRow, StoredSession};
pub use sign_in::{Admitted, Attempt, SignedIn};
pub use tokens::{NewToken, Token, TokenMade};
pub use two_step::{Enrolment, RECOVERY_CODES};

use crate::db::Db;
use crate::mail::Mailer;
use crate::seal::Seal;

/// What the house has decided about accounts.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Where people reach this server, without a slash at the end: links begin with it.
    pub base_url: String,
    /// Managers and admins must use two steps to sign in.
    pub require_two_step: bool,
}

#[derive(Clone)]
pub struct People {
    db: Db,
    hasher: Hasher,
    seal: Seal,
    mailer: Mailer,
    policy: Arc<Policy>,
}

impl People {
    pub fn new(db: Db, hasher: Hasher, seal: Seal, mailer: Mailer, policy: Policy) -> Self {
        Self { db, hasher, seal, mailer, policy: Arc::new(policy) }
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Waits until mails under way are sent; `false` if that takes longer.
    pub async fn finish_mail(&self, within: Duration) -> bool {
        self.mailer.finish(within).await
    }

    /// Whether links can be mailed, or only shown.
    pub const fn sends_mail(&self) -> bool {
        self.mailer.is_on()
    }
}

//! Who does something, when, and on which request: what every use case is told first.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use domain::people::{Permission, Person, Scopes, roles_that_may};
use domain::{Fault, FaultKind};

use crate::world::World;

/// Who is behind a request.
#[derive(Clone)]
pub enum Actor {
    /// Somebody who has not signed in.
    Nobody,
    Person {
        person: Arc<Person>,
        /// The limits of an API token, if that is how they came.
        scopes: Option<Scopes>,
    },
    /// The command line or a background job, by its name.
    System(&'static str),
}

/// One request's who, when and why.
#[derive(Clone)]
pub struct Act {
    pub actor: Actor,
    pub at: DateTime<Utc>,
    pub request_id: Arc<str>,
    /// Where it came from, for throttling; empty if unknown.
    pub address: Arc<str>,
    pub world: World,
}

impl Act {
    pub fn new(world: &World, actor: Actor, request_id: impl Into<Arc<str>>) -> Self {
        Self {
            actor,
            at: world.now(),
            request_id: request_id.into(),
            address: Arc::from(""),
            world: world.clone(),
        }
    }

    #[must_use]
    pub fn from_address(mut self, address: impl Into<Arc<str>>) -> Self {
        self.address = address.into();
        self
    }

    /// Who is written down as having done it.
    pub fn author(&self) -> (Option<PersonId>, String) {
        match &self.actor {
            Actor::Person { person, .. } => (Some(person.id), person.name.to_string()),
            Actor::System(name) => (None, (*name).to_owned()),
            Actor::Nobody => (None, "Somebody not signed in".to_owned()),
        }
    }

    /// The signed-in person.
    pub fn person(&self) -> Result<&Person, Fault> {
        match &self.actor {
            Actor::Person { person, .. } => Ok(person),
            Actor::Nobody => Err(Fault::new(FaultKind::SignedOut, "Please sign in to go on.")),
            Actor::System(_) => Err(Fault::forbidden("Only a person can do this.")),
        }
    }

    /// The person, if they came through a browser: a token must not be able to widen its own rights.
    pub fn person_in_browser(&self) -> Result<&Person, Fault> {
        match &self.actor {
            Actor::Person { scopes: Some(_), .. } => {
                Err(Fault::forbidden("This cannot be done with an API token. Sign in with a browser."))
            }
            _ => self.person(),
        }
    }

    pub fn may(&self, permission: Permission) -> bool {
        match &self.actor {
            Actor::Nobody => false,
            Actor::System(_) => true,
            Actor::Person { person, scopes } => {
                let by_role = person.roles.meets(roles_that_may(permission));
                let by_scope = match (scopes, permission.scope()) {
                    (None, _) => true,
                    (Some(scopes), Some(scope)) => scopes.has(scope),
                    (Some(_), None) => false,
                };
                by_role && by_scope
            }
        }
    }

    /// Refuses, in words, whoever may not.
    pub fn need(&self, permission: Permission) -> Result<(), Fault> {
        if self.may(permission) {
            return Ok(());
        }
        if matches!(self.actor, Actor::Nobody) {
            self.person()?;
        }
        let scope = match &self.actor {
            Actor::Person { scopes: Some(scopes), .. } => {
                permission.scope().filter(|scope| !scopes.has(*scope))
            }
            _ => None,
        };
        Err(match scope {
            Some(scope) => Fault::forbidden(format!("This token lacks the scope {scope}.")),
            None => Fault::forbidden(permission.refusal()),
        })
    }
}

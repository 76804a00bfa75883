//! The use cases of people, on both databases.

mod accounts;
mod invitations;
mod mail;
mod sign_in;
mod two_step;

use domain::people::{Person, Role, Roles};

use super::*;
use crate::act::{Act, Actor};
use crate::testing::{people_of, staged_world};
use crate::world::World;

pub const PASSWORD: &str = "marble kettle orbit fox";

/// A house with one admin, Ada, and a clock that stands.
pub struct House {
    pub people: People,
    pub world: World,
    pub ada: Person,
}

impl House {
    pub async fn new(db: Db) -> Self {
        let (people, world) = (people_of(db), staged_world());
        let nobody = Act::new(&world, Actor::Nobody, "setup");
        let console = Act::new(&world, Actor::System("test"), "setup");
        let link = people.setup_link(&console).await.unwrap().unwrap();
        let ada = people
            .set_up(&nobody, secret_of(&link), "ada@example.com", "Ada", "Europe/Berlin", PASSWORD)
            .await;
        Self { people, world, ada: ada.unwrap().person }
    }

    pub fn nobody(&self) -> Act {
        Act::new(&self.world, Actor::Nobody, "req").from_address("192.0.2.1")
    }

    pub fn by(&self, person: &Person) -> Act {
        Act::new(&self.world, Actor::Person { person: person.clone().into(), scopes: None }, "req")
    }

    /// Somebody who was invited and has joined.
    pub async fn join(&self, name: &str, roles: &[Role]) -> Person {
        let invitation = Invitation {
            email: format!("{}@example.com", name.to_lowercase()),
            name: name.to_owned(),
            roles: Roles::of(roles).iter().map(|role| role.word().to_owned()).collect(),
            zone: String::new(),
        };
        let invited = self.people.invite(&self.by(&self.ada), &invitation).await.unwrap();
        let accept = Accept { name: name.to_owned(), zone: "UTC".to_owned(), password: PASSWORD.to_owned() };
        self.people.accept(&self.nobody(), secret_of(&invited.link), &accept).await.unwrap().person
    }

    pub async fn try_in(&self, email: &str, password: &str) -> Result<SignedIn, crate::Error> {
        let attempt = Attempt { email: email.to_owned(), password: password.to_owned(), device: None };
        self.people.sign_in(&self.nobody(), &attempt).await
    }
}

pub fn secret_of(link: &str) -> &str {
    link.rsplit('/').next().unwrap()
}

/// What the person is told.
pub fn fault<T: std::fmt::Debug>(result: Result<T, crate::Error>) -> domain::Fault {
    result.unwrap_err().into_fault()
}

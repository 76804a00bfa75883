//! The first admin: without anybody in the database there is nobody who could invite.

use domain::audit::{Action, Thing};
use domain::fault::Check;
use domain::ids::PersonId;
use domain::people::{Email, NewPassword, Person, PersonName, Role, Roles, Status, Zone};
use domain::{Fault, FaultKind};

use super::{LinkKind, People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::{Entry, record};

impl People {
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(!store::person::any(&self.db).await?)
    }

    /// A fresh link for the first admin; nothing if there is somebody already.
    pub async fn setup_link(&self, act: &Act) -> Result<Option<String>, Error> {
        let mut tx = self.db.begin().await?;
        if store::person::any_in(&mut tx).await? {
            return Ok(None);
        }
        let link = self.make_link(&mut tx, act, LinkKind::Setup, None).await?;
        tx.commit().await?;
        Ok(Some(link))
    }

    pub async fn set_up(
        &self,
        act: &Act,
        secret: &str,
        email: &str,
        name: &str,
        zone: &str,
        password: &str,
    ) -> Result<Person, Error> {
        let link = self.open_link(act, LinkKind::Setup, secret).await?;
        let mut check = Check::default();
        let email = check.field("email", Email::parse(email));
        let name = check.field("name", PersonName::parse(name));
        let zone = check.field("zone", Zone::parse(zone));
        let password = check.field("password", NewPassword::parse(password));
        let (Some(email), Some(name), Some(zone), Some(password)) = (email, name, zone, password) else {
            return Err(check.fault().into());
        };
        let person = Person {
            id: PersonId(act.world.id()),
            email,
            name,
            roles: Roles::of(&[Role::Admin]),
            zone,
            status: Status::Active,
            two_step: false,
            version: 1,
            created_at: act.at,
            seen_at: None,
        };
        let hash = self.hash_for(act, &person, password).await?;
        let mut tx = self.db.begin().await?;
        self.use_link(&mut tx, act, &link).await?;
        if store::person::any_in(&mut tx).await? {
            let message = "Somebody is here already. Ask an admin for an invitation.";
            return Err(Fault::new(FaultKind::Gone, message).into());
        }
        store::person::insert(&mut tx, &person).await?;
        store::credential::set_password(&mut tx, person.id, &hash, act.at).await?;
        let act = Act { actor: Actor::Person { person: person.clone().into(), scopes: None }, ..act.clone() };
        record(&mut tx, &act, entry(Action::PersonSetUp, &person, None, Some(&person))).await?;
        tx.commit().await?;
        Ok(person)
    }

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

/// An audit line about a person.
pub(super) fn entry<'a>(
    action: Action,
    person: &'a Person,
    before: Option<&'a Person>,
    after: Option<&'a Person>,
) -> Entry<'a, &'a Person, &'a Person> {
    Entry {
        action,
        thing: Thing::Person,
        thing_id: person.id.to_string(),
        thing_name: person.name.as_str(),
        before,
        after,
    }
}

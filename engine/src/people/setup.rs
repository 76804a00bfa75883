//! The first admin: without anybody in the database there is nobody who could invite.

use domain::audit::Action;
use domain::fault::Check;
use domain::ids::PersonId;
use domain::people::{Email, NewPassword, Permission, Person, PersonName, Role, Roles, Status, Zone};
use domain::{Fault, FaultKind};

use super::trail::entry;
use super::{Admitted, LinkKind, People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::record;

impl People {
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(!store::person::any(&self.db).await?)
    }

    /// A fresh link for the first admin; nothing if there is somebody already.
    pub async fn setup_link(&self, act: &Act) -> Result<Option<String>, Error> {
        act.need(Permission::Appoint)?;
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
    ) -> Result<Admitted, Error> {
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
            seen_at: Some(act.at),
        };
        let hash = self.hash_for(act, &person, password).await?;
        let mut tx = self.db.begin().await?;
        self.use_link(&mut tx, act, &link).await?;
        if store::person::any_in(&mut tx).await? {
            let message = "Somebody is here already. Ask an admin for an invitation.";
            return Err(Fault::new(FaultKind::Gone, message).into());
        }
        store::person::insert(&mut tx, std::slice::from_ref(&person)).await?;
        store::person::seen(&mut tx, person.id, act.at).await?;
        store::credential::set_password(&mut tx, person.id, &hash, act.at).await?;
        let password_of = act.at;
        let act = Act { actor: Actor::Person { person: person.clone().into(), scopes: None }, ..act.clone() };
        record(&mut tx, &act, entry(Action::PersonSetUp, &person, None, Some(&person))).await?;
        tx.commit().await?;
        Ok(Admitted { person, password_of })
    }
}

//! Inviting somebody, and their accepting.

use std::slice;

use domain::Fault;
use domain::audit::Action;
use domain::fault::Check;
use domain::ids::PersonId;
use domain::people::{Email, NewPassword, Permission, Person, PersonName, Role, Roles, Status, Zone};

use super::trail::entry;
use super::{Admitted, LinkKind, People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::record;

/// Who is to be invited, as it was entered.
#[derive(Clone, Debug, Default)]
pub struct Invitation {
    pub email: String,
    pub name: String,
    pub roles: Vec<String>,
    pub zone: String,
}

/// An invitation that was made. The link is shown once.
#[derive(Clone, Debug)]
pub struct Invited {
    pub person: Person,
    pub link: String,
    pub mailed: bool,
}

/// What somebody enters who accepts.
#[derive(Clone, Debug, Default)]
pub struct Accept {
    pub name: String,
    pub zone: String,
    pub password: String,
}

/// The roles that carry power over other people's work, pay or accounts.
pub(super) const POWERFUL: Roles = Roles::of(&[Role::Manager, Role::Admin]);

/// Refuses whoever may not look after people who have, or are to have, these roles. Everybody who may invite may do so
/// in a browser; a token needs a scope of its own, or else one that leaks could make its finder an admin.
pub(super) fn may_look_after(act: &Act, roles: Roles) -> Result<(), Fault> {
    act.need(Permission::ManagePeople)?;
    if roles.meets(POWERFUL) { act.need(Permission::Appoint) } else { Ok(()) }
}

/// The parsed form of an [`Invitation`].
pub(super) struct Guest {
    pub email: Email,
    pub name: PersonName,
    pub roles: Roles,
    pub zone: Zone,
}

impl Guest {
    pub(super) fn into_person(self, act: &Act) -> Person {
        Person {
            id: PersonId(act.world.id()),
            email: self.email,
            name: self.name,
            roles: self.roles,
            zone: self.zone,
            status: Status::Invited,
            two_step: false,
            version: 1,
            created_at: act.at,
            seen_at: None,
        }
    }
}

impl Invitation {
    pub(super) fn parse(&self) -> Result<Guest, Fault> {
        let mut check = Check::default();
        let name = check.field("name", PersonName::parse(&self.name));
        let email = check.field("email", Email::parse(&self.email));
        let roles = check.field("roles", Roles::parse(self.roles.iter().map(String::as_str)));
        // A zone may be left to the person who accepts.
        let zone = if self.zone.trim().is_empty() { Ok(Zone::utc()) } else { Zone::parse(&self.zone) };
        let zone = check.field("zone", zone);
        match (email, name, roles, zone) {
            (Some(email), Some(name), Some(roles), Some(zone)) => Ok(Guest { email, name, roles, zone }),
            _ => Err(check.fault()),
        }
    }
}

impl People {
    pub async fn invite(&self, act: &Act, invitation: &Invitation) -> Result<Invited, Error> {
        act.need(Permission::ManagePeople)?;
        let guest = invitation.parse()?;
        may_look_after(act, guest.roles)?;
        if store::person::by_email(&self.db, &guest.email).await?.is_some() {
            return Err(already_known(&guest.email).into());
        }
        let mut tx = self.db.begin().await?;
        let person = guest.into_person(act);
        store::person::insert(&mut tx, slice::from_ref(&person)).await.map_err(|error| {
            let taken = || Fault::field("email", "Somebody with this address was added just now.");
            if error.is_taken() { taken().into() } else { Error::from(error) }
        })?;
        let link = self.make_link(&mut tx, act, LinkKind::Invite, Some(person.id)).await?;
        record(&mut tx, act, entry(Action::PersonInvited, &person, None, Some(&person))).await?;
        tx.commit().await?;
        let mailed = self.mail_invitation(act, &person, &link);
        Ok(Invited { person, link, mailed })
    }

    /// Adds somebody with a password already chosen, for the command line: invited and joined in one transaction.
    pub async fn add(&self, act: &Act, invitation: &Invitation, password: &str) -> Result<Person, Error> {
        act.need(Permission::ManagePeople)?;
        let guest = invitation.parse()?;
        may_look_after(act, guest.roles)?;
        let password =
            NewPassword::parse(password).map_err(|wrong| Fault::field("password", wrong.to_string()))?;
        if store::person::by_email(&self.db, &guest.email).await?.is_some() {
            return Err(already_known(&guest.email).into());
        }
        let person = Person { status: Status::Active, ..guest.into_person(act) };
        let hash = self.hash_for(act, &person, password).await?;
        let mut tx = self.db.begin().await?;
        store::person::insert(&mut tx, slice::from_ref(&person)).await?;
        store::credential::set_password(&mut tx, person.id, &hash, act.at).await?;
        record(&mut tx, act, entry(Action::PersonAdded, &person, None, Some(&person))).await?;
        tx.commit().await?;
        Ok(person)
    }

    pub(super) fn mail_invitation(&self, act: &Act, person: &Person, link: &str) -> bool {
        let from = act.person().map_or_else(|_| "Your team".to_owned(), |person| person.name.to_string());
        self.mailer.send(
            &person.email,
            "Your invitation to Countersign",
            format!(
                "Hello {},\n\n{from} has invited you to Countersign. Choose your password here:\n\n{link}\n\n\
                 The link works once, for seven days.\n",
                person.name
            ),
        )
    }

    /// A new link for somebody who has not joined yet, or a reset for somebody who has.
    pub async fn new_link(&self, act: &Act, id: PersonId) -> Result<Invited, Error> {
        act.need(Permission::ManagePeople)?;
        let mut tx = self.db.begin().await?;
        let person = store::person::by_id_in(&mut tx, id).await?.ok_or_else(no_such_person)?;
        may_look_after(act, person.roles)?;
        let kind = match person.status {
            Status::Invited => LinkKind::Invite,
            Status::Active => LinkKind::Reset,
            Status::Disabled => {
                return Err(Fault::conflict("This person is disabled. Enable them first.").into());
            }
        };
        let link = self.make_link(&mut tx, act, kind, Some(person.id)).await?;
        record(&mut tx, act, entry(Action::LinkMade, &person, None, None)).await?;
        tx.commit().await?;
        let mailed = match kind {
            LinkKind::Invite => self.mail_invitation(act, &person, &link),
            _ => self.mail_reset(&person, &link),
        };
        Ok(Invited { person, link, mailed })
    }

    /// Accepts an invitation: the person has a password from now on, and is active.
    pub async fn accept(&self, act: &Act, secret: &str, form: &Accept) -> Result<Admitted, Error> {
        let link = self.open_link(act, LinkKind::Invite, secret).await?;
        let invited = link.person.clone().ok_or_else(no_such_person)?;
        let mut check = Check::default();
        let name = check.field("name", PersonName::parse(&form.name));
        let zone = check.field("zone", Zone::parse(&form.zone));
        let password = check.field("password", NewPassword::parse(&form.password));
        let (Some(name), Some(zone), Some(password)) = (name, zone, password) else {
            return Err(check.fault().into());
        };
        let joined = Person { name, zone, status: Status::Active, ..invited.clone() };
        let hash = self.hash_for(act, &joined, password).await?;
        let mut tx = self.db.begin().await?;
        self.use_link(&mut tx, act, &link).await?;
        if invited.status != Status::Invited || !store::person::update(&mut tx, &joined).await? {
            return Err(Fault::conflict("This invitation has changed. Open the link again.").into());
        }
        store::credential::set_password(&mut tx, joined.id, &hash, act.at).await?;
        // Whoever accepts is signed in by that.
        store::person::seen(&mut tx, joined.id, act.at).await?;
        let joined = Person { version: joined.version + 1, seen_at: Some(act.at), ..joined };
        let password_of = act.at;
        let act = Act { actor: Actor::Person { person: joined.clone().into(), scopes: None }, ..act.clone() };
        record(&mut tx, &act, entry(Action::PersonJoined, &joined, Some(&invited), Some(&joined))).await?;
        tx.commit().await?;
        Ok(Admitted { person: joined, password_of })
    }
}

pub(super) fn already_known(email: &Email) -> Fault {
    Fault::field("email", format!("{email} is already here. Find them in the list to change them."))
}

pub(super) fn no_such_person() -> Fault {
    Fault::not_found("There is no such person.")
}

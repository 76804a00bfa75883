//! Looking people up and changing what is known about them.

use domain::Fault;
use domain::audit::Action;
use domain::fault::Check;
use domain::ids::PersonId;
use domain::people::{Email, Permission, Person, PersonName, Role, Roles, Status, Zone};

use super::invite::{may_look_after, no_such_person};
use super::trail::entry;
use super::{People, store};
use crate::Error;
use crate::act::Act;
use crate::audit::{self, record};
use crate::db::Tx;
use crate::page::Page;

/// Which people to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub text: Option<String>,
    pub role: Option<Role>,
    pub status: Option<Status>,
    /// Only those who come after this person.
    pub after: Option<PersonId>,
}

/// What an admin enters about somebody.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: String,
    pub roles: Vec<String>,
    pub zone: String,
    /// The version the form was filled from.
    pub version: i64,
}

/// What somebody enters about themselves.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub name: String,
    pub zone: String,
}

impl People {
    pub async fn list(&self, act: &Act, filter: &Filter, size: usize) -> Result<Page<Person>, Error> {
        act.need(Permission::SeePeople)?;
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::person::list(&self.db, filter, limit).await?, size))
    }

    pub async fn get(&self, act: &Act, id: PersonId) -> Result<Person, Error> {
        act.need(Permission::SeePeople)?;
        Ok(store::person::by_id(&self.db, id).await?.ok_or_else(no_such_person)?)
    }

    /// For a use case that has asked for a permission of its own and needs to know whom it is about.
    pub(crate) async fn known(&self, id: PersonId) -> Result<Option<Person>, Error> {
        Ok(store::person::by_id(&self.db, id).await?)
    }

    /// The same, for one who is named by their address.
    pub(crate) async fn known_as(&self, email: &str) -> Result<Option<Person>, Error> {
        let email = Email::parse(email).map_err(|wrong| Fault::field("email", wrong.to_string()))?;
        Ok(store::person::by_email(&self.db, &email).await?)
    }

    pub async fn by_email(&self, act: &Act, email: &str) -> Result<Person, Error> {
        act.need(Permission::SeePeople)?;
        Ok(self.known_as(email).await?.ok_or_else(no_such_person)?)
    }

    pub async fn change(&self, act: &Act, id: PersonId, change: &Change) -> Result<Person, Error> {
        act.need(Permission::ManagePeople)?;
        let mut check = Check::default();
        let name = check.field("name", PersonName::parse(&change.name));
        let roles = check.field("roles", Roles::parse(change.roles.iter().map(String::as_str)));
        let zone = check.field("zone", Zone::parse(&change.zone));
        let (Some(name), Some(roles), Some(zone)) = (name, roles, zone) else {
            return Err(check.fault().into());
        };
        let mut tx = self.db.begin().await?;
        let before = store::person::hold(&mut tx, id).await?.ok_or_else(no_such_person)?;
        may_look_after(act, before.roles)?;
        may_look_after(act, roles)?;
        let after = Person { name, roles, zone, version: change.version, ..before.clone() };
        self.write_change(tx, act, Action::PersonChanged, &before, after).await
    }

    /// Whoever is signed in changes their own name and zone.
    pub async fn change_own(&self, act: &Act, profile: &Profile) -> Result<Person, Error> {
        let me = act.person_in_browser()?.clone();
        let mut check = Check::default();
        let name = check.field("name", PersonName::parse(&profile.name));
        let zone = check.field("zone", Zone::parse(&profile.zone));
        let (Some(name), Some(zone)) = (name, zone) else {
            return Err(check.fault().into());
        };
        let after = Person { name, zone, ..me.clone() };
        let tx = self.db.begin().await?;
        self.write_change(tx, act, Action::PersonChanged, &me, after).await
    }

    /// Shuts somebody out: their sessions end at once, their links and tokens no longer work.
    pub async fn disable(&self, act: &Act, id: PersonId) -> Result<Person, Error> {
        act.need(Permission::ManagePeople)?;
        if act.person().is_ok_and(|me| me.id == id) {
            return Err(Fault::conflict("You cannot disable yourself. Ask another admin.").into());
        }
        let mut tx = self.db.begin().await?;
        let before = store::person::hold(&mut tx, id).await?.ok_or_else(no_such_person)?;
        may_look_after(act, before.roles)?;
        if before.status == Status::Disabled {
            return Err(Fault::conflict(format!("{} is already disabled.", before.name)).into());
        }
        store::session::delete_all(&mut tx, id, None).await?;
        store::token::revoke_all(&mut tx, id, act.at).await?;
        store::link::retire(&mut tx, super::LinkKind::Invite, Some(id), act.at).await?;
        store::link::retire(&mut tx, super::LinkKind::Reset, Some(id), act.at).await?;
        let after = Person { status: Status::Disabled, ..before.clone() };
        self.write_change(tx, act, Action::PersonDisabled, &before, after).await
    }

    /// Lets somebody in again; who never had a password is invited again.
    pub async fn enable(&self, act: &Act, id: PersonId) -> Result<Person, Error> {
        act.need(Permission::ManagePeople)?;
        let has_password = store::credential::of(&self.db, id).await?.is_some();
        let mut tx = self.db.begin().await?;
        let before = store::person::hold(&mut tx, id).await?.ok_or_else(no_such_person)?;
        may_look_after(act, before.roles)?;
        if before.status != Status::Disabled {
            return Err(Fault::conflict(format!("{} is not disabled.", before.name)).into());
        }
        let status = if has_password { Status::Active } else { Status::Invited };
        let after = Person { status, ..before.clone() };
        self.write_change(tx, act, Action::PersonEnabled, &before, after).await
    }

    async fn write_change(
        &self,
        mut tx: Tx,
        act: &Act,
        action: Action,
        before: &Person,
        after: Person,
    ) -> Result<Person, Error> {
        if !store::person::update(&mut tx, &after).await? {
            let message =
                "Somebody else has changed this person since you opened the page. Reload, then try again.";
            return Err(Fault::conflict(message).into());
        }
        if before.roles.has(Role::Admin)
            && (!after.roles.has(Role::Admin) || after.status == Status::Disabled)
        {
            keep_an_admin(&mut tx, before).await?;
        }
        let after = Person { version: after.version + 1, ..after };
        record(&mut tx, act, entry(action, &after, Some(before), Some(&after))).await?;
        tx.commit().await?;
        Ok(after)
    }
}

/// Without an admin nobody could ever invite or change anybody again. It comes last: like everything that writes an audit
/// line, this waits for the end of the log, and must hold by then whatever else it needs.
async fn keep_an_admin(tx: &mut Tx, leaving: &Person) -> Result<(), Error> {
    // Two admins who disable each other at once must not each count the other.
    audit::wait_in_line(tx).await?;
    if store::person::others_active(tx, Roles::of(&[Role::Admin]), leaving.id).await? > 0 {
        return Ok(());
    }
    Err(Fault::conflict(format!("{} is the only admin. Make somebody else an admin first.", leaving.name))
        .into())
}

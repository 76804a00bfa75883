use domain::audit::{Action, Thing};
use domain::fault::Check;
use domain::ids::{PersonId, ProjectId};
use domain::people::{Permission, Role, Status};
use domain::project::{ClientName, Member, Project, ProjectCode, ProjectName, ProjectStatus};
use domain::{Currency, Fault};
use serde_json::{Value, json};

use super::store;
use super::store::project::Filter;
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::{Db, DbError};
use crate::page::Page;
use crate::people::People;
use crate::rate;

/// A project as it was entered.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub code: String,
    pub name: String,
    pub client: String,
    pub currency: String,
    pub status: String,
    /// The version the form was filled from; 0 for a new project.
    pub version: i64,
}

/// A project by its code, for what belongs to one.
pub(crate) async fn coded(db: &Db, code: &ProjectCode) -> Result<Option<Project>, Error> {
    Ok(store::project::by_code(db, code).await?)
}

#[derive(Clone)]
pub struct Projects {
    pub(crate) db: Db,
    pub(crate) people: People,
}

impl Projects {
    pub fn new(db: Db, people: People) -> Self {
        Self { db, people }
    }

    /// The projects somebody may know of: all of them, or those they work on.
    pub async fn list(&self, act: &Act, filter: &Filter, size: usize) -> Result<Page<Project>, Error> {
        let mut filter = filter.clone();
        if !act.may(Permission::SeeAllProjects) {
            filter.of = Some(own_scope(act)?);
        }
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::project::list(&self.db, &filter, limit).await?, size))
    }

    pub async fn get(&self, act: &Act, id: ProjectId) -> Result<Project, Error> {
        if !act.may(Permission::SeeAllProjects)
            && !store::member::is_member(&self.db, id, own_scope(act)?).await?
        {
            return Err(no_such_project().into());
        }
        Ok(store::project::by_id(&self.db, id).await?.ok_or_else(no_such_project)?)
    }

    pub async fn members(&self, act: &Act, id: ProjectId) -> Result<Vec<Member>, Error> {
        self.get(act, id).await?;
        Ok(store::member::list(&self.db, id).await?)
    }

    pub async fn make(&self, act: &Act, draft: &Draft) -> Result<Project, Error> {
        act.need(Permission::ManageProjects)?;
        let blank = |text: &str| if text.is_empty() { "active".to_owned() } else { text.to_owned() };
        let draft = Draft { status: blank(&draft.status), version: 1, ..draft.clone() };
        let project = draft.parse(act, ProjectId(act.world.id()))?;
        let mut tx = self.db.begin().await?;
        store::project::insert(&mut tx, &project).await.map_err(|error| code_taken(error, &project))?;
        record(&mut tx, act, entry(Action::ProjectMade, &project, None, Some(&project))).await?;
        tx.commit().await?;
        Ok(project)
    }

    pub async fn change(&self, act: &Act, id: ProjectId, draft: &Draft) -> Result<Project, Error> {
        act.need(Permission::ManageProjects)?;
        let parsed = draft.parse(act, id)?;
        let mut tx = self.db.begin().await?;
        let before = store::project::by_id_in(&mut tx, id).await?.ok_or_else(no_such_project)?;
        let after = Project { created_at: before.created_at, ..parsed };
        if after.currency != before.currency && rate::is_paid(&mut tx, id).await? {
            let message =
                format!("Its rates are in {}: make another project for {}.", before.currency, after.currency);
            return Err(Fault::field("currency", message).into());
        }
        if !store::project::update(&mut tx, &after).await.map_err(|error| code_taken(error, &after))? {
            let message =
                "Somebody else has changed this project since you opened the page. Reload, then try again.";
            return Err(Fault::conflict(message).into());
        }
        let after = Project { version: after.version + 1, ..after };
        record(&mut tx, act, entry(Action::ProjectChanged, &after, Some(&before), Some(&after))).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Puts somebody on a project, or changes what they do there. They are named by their email address.
    pub async fn set_member(&self, act: &Act, id: ProjectId, email: &str, role: &str) -> Result<(), Error> {
        act.need(Permission::ManageMembers)?;
        let role = Role::parse(role).filter(|role| *role != Role::Admin);
        let role = role.ok_or_else(|| Fault::field("role", "Choose annotator, reviewer or manager."))?;
        let nobody = || Fault::field("email", "Nobody here has this address. Invite them first.");
        let person = self.people.known_as(email).await?.ok_or_else(nobody)?;
        if person.status == Status::Disabled {
            return Err(
                Fault::field("email", format!("{} is disabled. Enable them first.", person.name)).into()
            );
        }
        let mut tx = self.db.begin().await?;
        let project = store::project::by_id_in(&mut tx, id).await?.ok_or_else(no_such_project)?;
        let before = store::member::role(&mut tx, id, person.id).await?;
        store::member::set(&mut tx, id, person.id, role, act.at).await?;
        let line = Entry {
            action: Action::MemberSet,
            thing: Thing::Project,
            thing_id: id.to_string(),
            thing_name: project.code.as_str(),
            before: before.map(|role| seat(person.id, person.name.as_str(), role)),
            after: Some(seat(person.id, person.name.as_str(), role)),
        };
        record(&mut tx, act, line).await?;
        Ok(tx.commit().await?)
    }

    pub async fn remove_member(&self, act: &Act, id: ProjectId, person: PersonId) -> Result<(), Error> {
        act.need(Permission::ManageMembers)?;
        let nobody = || Fault::not_found("There is no such person.");
        let who = self.people.known(person).await?.ok_or_else(nobody)?;
        let mut tx = self.db.begin().await?;
        let project = store::project::by_id_in(&mut tx, id).await?.ok_or_else(no_such_project)?;
        let before = store::member::role(&mut tx, id, person).await?;
        if !store::member::remove(&mut tx, id, person).await? {
            return Err(Fault::not_found(format!("{} is not on this project any more.", who.name)).into());
        }
        let line: Entry<'_, Value, ()> = Entry {
            action: Action::MemberRemoved,
            thing: Thing::Project,
            thing_id: id.to_string(),
            thing_name: project.code.as_str(),
            before: before.map(|role| seat(person, who.name.as_str(), role)),
            after: None,
        };
        record(&mut tx, act, line).await?;
        Ok(tx.commit().await?)
    }
}

impl Draft {
    fn parse(&self, act: &Act, id: ProjectId) -> Result<Project, Fault> {
        let mut check = Check::default();
        let code = check.field("code", ProjectCode::parse(&self.code));
        let name = check.field("name", ProjectName::parse(&self.name));
        let client = check.field("client", ClientName::parse(&self.client));
        let currency = check.field("currency", Currency::parse(&self.currency));
        let status = ProjectStatus::parse(&self.status).ok_or("Choose active, paused or closed.".into());
        let status = check.field("status", status);
        match (code, name, client, currency, status) {
            (Some(code), Some(name), Some(client), Some(currency), Some(status)) => Ok(Project {
                id,
                code,
                name,
                client,
                currency,
                status,
                version: self.version,
                created_at: act.at,
            }),
            _ => Err(check.fault()),
        }
    }
}

/// Whoever may not see all projects sees their own; a token needs the scope for that, too.
fn own_scope(act: &Act) -> Result<PersonId, Fault> {
    let me = act.person()?.id;
    if let crate::act::Actor::Person { scopes: Some(scopes), .. } = &act.actor
        && let Some(scope) = Permission::SeeAllProjects.scope()
        && !scopes.has(scope)
    {
        return Err(Fault::forbidden(format!("This token lacks the scope {scope}.")));
    }
    Ok(me)
}

fn seat(person: PersonId, name: &str, role: Role) -> Value {
    json!({ "person_id": person, "name": name, "role": role })
}

fn code_taken(error: DbError, project: &Project) -> Error {
    if error.is_taken() {
        Fault::field("code", format!("There is a project with the code {} already.", project.code)).into()
    } else {
        error.into()
    }
}

fn entry<'a>(
    action: Action,
    project: &'a Project,
    before: Option<&'a Project>,
    after: Option<&'a Project>,
) -> Entry<'a, &'a Project, &'a Project> {
    let (thing_id, thing_name) = (project.id.to_string(), project.code.as_str());
    Entry { action, thing: Thing::Project, thing_id, thing_name, before, after }
}

pub(crate) fn no_such_project() -> Fault {
    Fault::not_found("There is no such project, or you are not on it.")
}

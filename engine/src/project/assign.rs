//! From when until when somebody works on a project, and at which level.

use chrono::NaiveDate;
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::Check;
use domain::ids::{PersonId, ProjectId};
use domain::number::{day, optional};
use domain::people::Permission;
use domain::rate::Level;
use serde_json::json;

use super::service::no_such_project;
use super::store::member::Days;
use super::{LevelFrom, Projects, store};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::payment;

/// The level somebody has on a day, of those of a project.
pub fn level_on(levels: &[LevelFrom], person: PersonId, on: NaiveDate) -> Option<&Level> {
    let of = levels.iter().filter(|level| level.person_id == person && level.from_on <= on);
    of.max_by_key(|level| level.from_on)?.level.as_ref()
}

/// An assignment as it was entered.
#[derive(Clone, Debug, Default)]
pub struct AssignmentDraft {
    /// Empty: always so far, and until further notice.
    pub starts_on: String,
    pub ends_on: String,
    /// Empty: none.
    pub level: String,
    /// Since when it is this one. Empty: the level stays as it is.
    pub level_from: String,
}

impl Projects {
    /// The levels of everybody who ever was on a project; of each, the earliest first.
    pub async fn levels(&self, act: &Act, project: ProjectId) -> Result<Vec<LevelFrom>, Error> {
        act.need(Permission::SeePay)?;
        Ok(store::member::levels(&self.db, project).await?)
    }

    pub async fn assign(
        &self,
        act: &Act,
        project: ProjectId,
        person: PersonId,
        draft: &AssignmentDraft,
    ) -> Result<(), Error> {
        act.need(Permission::ManagePay)?;
        let (days, level) = draft.parse(person)?;
        let nobody = || Fault::not_found("There is no such person.");
        let who = self.people.known(person).await?.ok_or_else(nobody)?;
        let mut tx = self.db.begin().await?;
        let of = store::project::by_id_in(&mut tx, project).await?.ok_or_else(no_such_project)?;
        let away = || Fault::not_found(format!("{} is not on this project.", who.name));
        let before = store::member::days(&mut tx, project, person).await?.ok_or_else(away)?;
        store::member::set_days(&mut tx, project, person, days).await?;
        if let Some(level) = &level {
            store::member::set_level(&mut tx, project, level).await?;
            payment::due::person(&mut tx, act, person).await?;
        }
        let after = json!({
            "person_id": person, "name": who.name, "starts_on": days.0, "ends_on": days.1,
            "level": level.as_ref().map(|level| &level.level), "level_from": level.as_ref().map(|level| level.from_on),
        });
        let line = Entry {
            action: Action::AssignmentSet,
            thing: Thing::Project,
            thing_id: project.to_string(),
            thing_name: of.code.as_str(),
            before: Some(json!({ "person_id": person, "starts_on": before.0, "ends_on": before.1 })),
            after: Some(after),
        };
        record(&mut tx, act, line).await?;
        Ok(tx.commit().await?)
    }
}

impl AssignmentDraft {
    fn parse(&self, person_id: PersonId) -> Result<(Days, Option<LevelFrom>), Fault> {
        let mut check = Check::default();
        let starts_on = check.field("starts_on", optional(&self.starts_on, day));
        let ends_on = check.field("ends_on", optional(&self.ends_on, day));
        let level = check.field("level", optional(&self.level, Level::parse));
        let level_from = check.field("level_from", optional(&self.level_from, day));
        if let (Some(Some(start)), Some(Some(end))) = (starts_on, ends_on)
            && end < start
        {
            check.wrong("ends_on", "The last day comes before the first one.");
            return Err(check.fault());
        }
        match (starts_on, ends_on, level, level_from) {
            (Some(starts_on), Some(ends_on), Some(level), Some(from_on)) => {
                let level = from_on.map(|from_on| LevelFrom { person_id, from_on, level });
                Ok(((starts_on, ends_on), level))
            }
            _ => Err(check.fault()),
        }
    }
}

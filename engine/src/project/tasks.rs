//! What there is to do on a project.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::Check;
use domain::ids::{ProjectId, TaskTypeId};
use domain::number::optional;
use domain::people::Permission;
use domain::project::{PaidBy, TaskName, TaskType, UnitName};
use domain::timesheet::{Hours, rules};

use super::service::no_such_project;
use super::{Projects, store};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::DbError;

/// A kind of work as it was entered.
#[derive(Clone, Debug, Default)]
pub struct TaskDraft {
    pub name: String,
    /// Only when it is made: what was entered since counts on it.
    pub paid_by: String,
    pub unit: String,
    pub day_hours: String,
    pub day_units: String,
    pub active: bool,
    /// The version the form was filled from; 0 for a new one.
    pub version: i64,
}

impl Projects {
    /// What there is to do on a project, for whoever may know of it.
    pub async fn tasks(&self, act: &Act, project: ProjectId) -> Result<Vec<TaskType>, Error> {
        self.get(act, project).await?;
        Ok(store::task::list(&self.db, project).await?)
    }

    pub async fn add_task(
        &self,
        act: &Act,
        project: ProjectId,
        draft: &TaskDraft,
    ) -> Result<TaskType, Error> {
        act.need(Permission::ManagePay)?;
        let paid_by = PaidBy::parse(&draft.paid_by);
        let task = draft.parse(project, TaskTypeId(act.world.id()), paid_by)?;
        let task = TaskType { active: true, version: 1, ..task };
        let mut tx = self.db.begin().await?;
        let of = store::project::by_id_in(&mut tx, project).await?.ok_or_else(no_such_project)?;
        store::task::insert(&mut tx, &task).await.map_err(|error| name_taken(error, &task))?;
        record(&mut tx, act, entry(of.code.as_str(), None, &task)).await?;
        tx.commit().await?;
        Ok(task)
    }

    pub async fn change_task(
        &self,
        act: &Act,
        project: ProjectId,
        id: TaskTypeId,
        draft: &TaskDraft,
    ) -> Result<TaskType, Error> {
        act.need(Permission::ManagePay)?;
        let mut tx = self.db.begin().await?;
        let of = store::project::by_id_in(&mut tx, project).await?.ok_or_else(no_such_project)?;
        let before = store::task::by_id(&mut tx, project, id).await?.ok_or_else(no_such_task)?;
        let after = draft.parse(project, id, Some(before.paid_by))?;
        if !store::task::update(&mut tx, &after).await.map_err(|error| name_taken(error, &after))? {
            let message =
                "Somebody else has changed this task since you opened the page. Reload, then try again.";
            return Err(Fault::conflict(message).into());
        }
        let after = TaskType { version: after.version + 1, ..after };
        record(&mut tx, act, entry(of.code.as_str(), Some(&before), &after)).await?;
        tx.commit().await?;
        Ok(after)
    }
}

impl TaskDraft {
    fn parse(
        &self,
        project_id: ProjectId,
        id: TaskTypeId,
        paid_by: Option<PaidBy>,
    ) -> Result<TaskType, Fault> {
        let mut check = Check::default();
        let name = check.field("name", TaskName::parse(&self.name));
        let paid_by = check.field("paid_by", paid_by.ok_or_else(|| "Choose what it is paid by.".into()));
        let counted = paid_by.is_some_and(PaidBy::units);
        let unit = match (counted, self.unit.trim()) {
            (true, _) => check.field("unit", UnitName::parse(&self.unit).map(Some)),
            (false, "") => Some(None),
            (false, _) => {
                check.wrong("unit", "This is paid by the hour alone: leave this empty.");
                None
            }
        };
        let day = |text: &str| match Hours::parse(text)? {
            hours if hours.minutes() > 24 * 60 => Err("A day has 24 hours.".into()),
            hours => Ok(hours.minutes()),
        };
        let day_minutes = check.field("day_hours", optional(&self.day_hours, day));
        let day_units = check.field("day_units", optional(&self.day_units, rules::units));
        match (name, paid_by, unit, day_minutes, day_units) {
            (Some(name), Some(paid_by), Some(unit), Some(day_minutes), Some(day_units)) => Ok(TaskType {
                id,
                project_id,
                name,
                paid_by,
                unit,
                day_minutes,
                day_units,
                active: self.active,
                version: self.version,
            }),
            _ => Err(check.fault()),
        }
    }
}

fn name_taken(error: DbError, task: &TaskType) -> Error {
    if error.is_taken() {
        Fault::field("name", format!("There is a task called {} on this project already.", task.name)).into()
    } else {
        error.into()
    }
}

fn no_such_task() -> Fault {
    Fault::not_found("There is no such task on this project.")
}

fn entry<'a>(
    project: &'a str,
    before: Option<&'a TaskType>,
    after: &'a TaskType,
) -> Entry<'a, &'a TaskType, &'a TaskType> {
    let thing_id = after.project_id.to_string();
    let action = Action::TaskTypeSet;
    Entry { action, thing: Thing::Project, thing_id, thing_name: project, before, after: Some(after) }
}

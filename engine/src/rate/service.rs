use chrono::NaiveDate;
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::Check;
use domain::ids::{PersonId, ProjectId, RateId, TaskTypeId};
use domain::money::WorkPrice;
use domain::number::{day, optional};
use domain::people::{Permission, PersonName, Role};
use domain::project::{Member, TaskName, TaskType};
use domain::rate::{For, Level, Rate, RateBook, Scope};

use super::store::{self, Named};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Tx;
use crate::payment;
use crate::project::{Projects, level_on, member, no_such_project, task};

/// A rate as it was entered. What is left empty may be anything.
#[derive(Clone, Debug, Default)]
pub struct RateDraft {
    pub task_type: String,
    pub level: String,
    /// By their email address.
    pub person: String,
    pub from_on: String,
    pub hour_price: String,
    pub unit_price: String,
    /// Nothing is paid by this scope from the day on.
    pub ends: bool,
}

/// All that is to be known of a project's rates.
pub struct Card {
    /// The last written first.
    pub rates: Vec<Named>,
    pub book: RateBook,
}

/// Work that somebody could enter today, and that no rate says the price of.
pub struct Uncovered {
    pub task: TaskName,
    pub people: Vec<PersonName>,
}

/// The use cases of rates.
#[derive(Clone)]
pub struct Rates {
    projects: Projects,
}

impl Rates {
    pub const fn new(projects: Projects) -> Self {
        Self { projects }
    }

    pub async fn card(&self, act: &Act, project: ProjectId) -> Result<Card, Error> {
        act.need(Permission::SeePay)?;
        self.projects.get(act, project).await?;
        let rates = store::list(&self.projects.db, project).await?;
        let book = RateBook::new(rates.iter().map(|named| named.rate.clone()));
        Ok(Card { rates, book })
    }

    /// For whose work on a day there is no rate, by task.
    pub async fn uncovered(
        &self,
        act: &Act,
        project: ProjectId,
        book: &RateBook,
        on: NaiveDate,
    ) -> Result<Vec<Uncovered>, Error> {
        let tasks = self.projects.tasks(act, project).await?;
        let members = self.projects.members(act, project).await?;
        let levels = self.projects.levels(act, project).await?;
        let at_work: Vec<_> = members.iter().filter(|member| is_at_work(member, on)).collect();
        let open = |task: &TaskType| {
            let unpaid = at_work.iter().filter(|member| {
                let level = level_on(&levels, member.person_id, on);
                let work = For { task_type_id: task.id, level, person_id: member.person_id };
                !book.applying(work, on).is_some_and(|rate| task.paid_by.is_met_by(rate.pay()))
            });
            let people: Vec<_> = unpaid.map(|member| member.name.clone()).collect();
            (!people.is_empty()).then(|| Uncovered { task: task.name.clone(), people })
        };
        Ok(tasks.iter().filter(|task| task.active).filter_map(open).collect())
    }

    /// Writes a rate down. It supersedes what its scope paid before, from its day on.
    pub async fn write(&self, act: &Act, project: ProjectId, draft: &RateDraft) -> Result<Rate, Error> {
        act.need(Permission::ManagePay)?;
        let person = match draft.person.trim() {
            "" => None,
            email => {
                Some(self.projects.people.known_as(email).await.map_err(at_person)?.ok_or_else(nobody)?.id)
            }
        };
        let mut tx = self.projects.db.begin().await?;
        let of = crate::project::in_tx(&mut tx, project).await?.ok_or_else(no_such_project)?;
        if let Some(person) = person
            && member::role(&mut tx, project, person).await?.is_none()
        {
            let message = format!("They are not on {}. Add them to it first.", of.code);
            return Err(Fault::field("person", message).into());
        }
        let task = draft.task(&mut tx, project).await?;
        let rate = draft.parse(act, project, task.as_ref(), person)?;
        let book = RateBook::new(store::list_in(&mut tx, project).await?);
        let before = book.in_scope(&rate.scope, rate.from_on);
        match before {
            None if rate.is_end() => {
                return Err(Fault::field(
                    "from_on",
                    "Nothing is paid by this on that day, so it cannot end.",
                )
                .into());
            }
            Some(before) if before.pay() == rate.pay() => {
                return Err(Fault::field("from_on", "That is what is paid on this day already.").into());
            }
            _ => {}
        }
        store::insert(&mut tx, &rate).await?;
        payment::due::rates(&mut tx, act, project, rate.from_on).await?;
        let line = Entry {
            action: Action::RateWritten,
            thing: Thing::Project,
            thing_id: project.to_string(),
            thing_name: of.code.as_str(),
            before,
            after: Some(&rate),
        };
        record(&mut tx, act, line).await?;
        tx.commit().await?;
        Ok(rate)
    }
}

impl RateDraft {
    async fn task(&self, tx: &mut Tx, project: ProjectId) -> Result<Option<TaskType>, Error> {
        let gone = || Fault::field("task_type", "There is no such task on this project.");
        match self.task_type.trim() {
            "" => Ok(None),
            id => {
                let id: TaskTypeId = id.parse().map_err(|_| gone())?;
                Ok(Some(task::by_id(tx, project, id).await?.ok_or_else(gone)?))
            }
        }
    }

    fn parse(
        &self,
        act: &Act,
        project_id: ProjectId,
        task: Option<&TaskType>,
        person_id: Option<PersonId>,
    ) -> Result<Rate, Fault> {
        let mut check = Check::default();
        let level = check.field("level", optional(&self.level, Level::parse));
        let from_on = check.field("from_on", day(&self.from_on));
        let mut price = |name: &'static str, text: &str, paid: Option<bool>| {
            let given = check.field(name, optional(text, WorkPrice::parse));
            let wrong = match (given, paid) {
                (Some(Some(_)), _) if self.ends => "A rate that ends has no price: leave this empty.",
                (Some(Some(_)), Some(false)) => "This task is not paid by that: leave this empty.",
                (Some(None), Some(true)) if !self.ends => "This task is paid by that: enter a rate.",
                _ => return given,
            };
            check.wrong(name, wrong);
            None
        };
        let hour_price = price("hour_price", &self.hour_price, task.map(|task| task.paid_by.hours()));
        let unit_price = price("unit_price", &self.unit_price, task.map(|task| task.paid_by.units()));
        if task.is_none() && !self.ends && hour_price == Some(None) && unit_price == Some(None) {
            check.wrong("hour_price", "Enter what an hour is paid, what a unit is paid, or both.");
            return Err(check.fault());
        }
        match (level, from_on, hour_price, unit_price) {
            (Some(level), Some(from_on), Some(hour_price), Some(unit_price)) => Ok(Rate {
                id: RateId(act.world.id()),
                project_id,
                scope: Scope { task_type_id: task.map(|task| task.id), level, person_id },
                from_on,
                hour_price,
                unit_price,
                written_by: act.person().ok().map(|person| person.id),
                written_at: act.at,
            }),
            _ => Err(check.fault()),
        }
    }
}

/// Whether somebody enters work on a project on this day.
fn is_at_work(member: &Member, on: NaiveDate) -> bool {
    member.role == Role::Annotator
        && member.starts_on.is_none_or(|start| start <= on)
        && member.ends_on.is_none_or(|end| on <= end)
}

fn nobody() -> Fault {
    Fault::field("person", "Nobody here has this address. Invite them first.")
}

/// What is wrong with an address is said at the field it stands in.
fn at_person(error: Error) -> Error {
    match error {
        Error::Fault(fault) => Fault::field("person", fault.message).into(),
        other => other,
    }
}

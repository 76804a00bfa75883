use chrono::NaiveDate;
use domain::ids::TaskTypeId;
use domain::people::Role;
use domain::project::Project;
use domain::timesheet::Week;

use super::{people_of, staged_world};
use crate::act::{Act, Actor};
use crate::db::Db;
use crate::people::{Accept, Invitation, People};
use crate::project::{Draft, Projects, TaskDraft};
use crate::rate::{RateDraft, Rates};
use crate::timesheet::{LineDraft, Timesheets};
use crate::world::World;

/// A house for tests: people, projects that pay, and weeks of work.
pub struct House {
    pub db: Db,
    pub people: People,
    pub projects: Projects,
    pub timesheets: Timesheets,
    pub world: World,
    pub system: Act,
}

impl House {
    pub fn new(db: Db) -> Self {
        let (people, world) = (people_of(db.clone()), staged_world());
        let system = Act::new(&world, Actor::System("test"), "req");
        let projects = Projects::new(db.clone(), people.clone());
        let timesheets = Timesheets::new(projects.clone());
        Self { db, people, projects, timesheets, world, system }
    }

    pub async fn join(&self, name: &str, role: Role) -> Act {
        let email = format!("{}@example.com", name.to_lowercase());
        let roles = vec![role.word().into()];
        let invitation = Invitation { email, name: name.into(), roles, zone: String::new() };
        let link = self.people.invite(&self.system, &invitation).await.unwrap().link;
        let accept =
            Accept { name: name.into(), zone: "UTC".into(), password: "marble kettle orbit fox".into() };
        let person =
            self.people.accept(&self.system, link.rsplit('/').next().unwrap(), &accept).await.unwrap().person;
        Act::new(&self.world, Actor::Person { person: person.into(), scopes: None }, "req")
    }

    /// A project that pays 20 an hour, with a task; everybody named is on it.
    pub async fn project(&self, code: &str, members: &[&str]) -> (Project, TaskTypeId) {
        let draft = Draft {
            code: code.into(),
            name: "Intake".into(),
            client: "Acme".into(),
            currency: "EUR".into(),
            ..Draft::default()
        };
        let project = self.projects.make(&self.system, &draft).await.unwrap();
        for name in members {
            let email = format!("{name}@example.com");
            self.projects.set_member(&self.system, project.id, &email, "annotator").await.unwrap();
        }
        let task = TaskDraft { name: "Labels".into(), paid_by: "hours".into(), ..TaskDraft::default() };
        let task = self.projects.add_task(&self.system, project.id, &task).await.unwrap();
        let rate =
            RateDraft { from_on: "2020-01-01".into(), hour_price: "20".into(), ..RateDraft::default() };
        Rates::new(self.projects.clone()).write(&self.system, project.id, &rate).await.unwrap();
        (project, task.id)
    }

    pub fn today(&self) -> NaiveDate {
        self.world.now().date_naive()
    }

    /// The last week that is over, and its Monday.
    pub fn week(&self) -> (Week, NaiveDate) {
        let week = Week::of(self.today()).before();
        (week, week.monday())
    }

    /// The same person, now.
    pub fn again(&self, act: &Act) -> Act {
        Act::new(&self.world, act.actor.clone(), "req")
    }

    /// Enters a week of somebody and submits it.
    pub async fn submit(&self, act: &Act, task: TaskTypeId, days: &[(NaiveDate, &str)]) {
        let act = self.again(act);
        let (me, week) = (act.person().unwrap().id, Week::of(days[0].0));
        let drafts: Vec<_> = days
            .iter()
            .map(|(on, hours)| LineDraft {
                task,
                on: *on,
                hours: (*hours).into(),
                units: String::new(),
                note: String::new(),
                external_id: None,
            })
            .collect();
        let (said, entered) = self.timesheets.save(&act, me, week, None, &drafts).await.unwrap();
        assert_eq!(entered.put.len(), drafts.len(), "{:?}", entered.said);
        self.timesheets.submit(&act, me, week, said.version, true).await.unwrap();
    }
}

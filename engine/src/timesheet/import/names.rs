//! Who and what the words of a file mean.

use std::collections::HashMap;

use domain::ids::{PersonId, ProjectId, TaskTypeId};
use domain::people::{Email, Status};
use domain::project::{Project, TaskType};
use domain::timesheet::import::{Aside, Role, folded};

use crate::Error;
use crate::act::Act;
use crate::db::Db;
use crate::timesheet::store::crowd::{self, Named};

/// Everybody and everything that files can name to whoever brings them.
pub struct Known {
    people: Vec<Named>,
    by_email: HashMap<String, usize>,
    /// More than one may be called so.
    by_name: HashMap<String, Vec<usize>>,
    pub projects: Vec<Project>,
    /// Whoever brings files with their own hours only.
    pub only: Option<PersonId>,
}

impl Known {
    pub async fn read(db: &Db, act: &Act, for_staff: bool) -> Result<Self, Error> {
        let me = act.person()?;
        let people = if for_staff {
            crowd::people(db).await?
        } else {
            vec![Named {
                id: me.id,
                email: me.email.clone(),
                name: me.name.clone(),
                zone: me.zone.clone(),
                status: me.status,
            }]
        };
        let only = (!for_staff).then_some(me.id);
        let projects = crowd::projects(db, only).await?;
        let by_email = people
            .iter()
            .enumerate()
            .map(|(place, it)| (it.email.to_string().to_lowercase(), place))
            .collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, it) in people.iter().enumerate() {
            by_name.entry(folded(it.name.as_str())).or_default().push(place);
        }
        Ok(Self { people, by_email, by_name, projects, only })
    }

    /// By an address or a full name, in either order of its parts.
    pub fn person(&self, text: &str) -> Result<&Named, String> {
        if text.is_empty() {
            return match (self.only, self.people.first()) {
                (Some(_), Some(me)) => Ok(me),
                _ => Err("It is not said who has worked this. Say below which column does, or who it was."
                    .to_owned()),
            };
        }
        let found = if Email::parse(text).is_ok() {
            self.by_email.get(&text.trim().to_lowercase()).copied()
        } else {
            match self.called(text) {
                [] => None,
                [one] => Some(*one),
                _ => {
                    return Err(format!("More than one person is called “{text}”. Use their email address."));
                }
            }
        };
        let person = found.and_then(|place| self.people.get(place)).ok_or_else(|| match self.only {
            Some(_) => format!("“{text}” is not you. You can bring your own hours only."),
            None => format!(
                "Nobody here is called “{text}”. Invite them first, or write their name as it is here."
            ),
        })?;
        if person.status == Status::Disabled {
            return Err(format!("{} is disabled and cannot be paid for new work.", person.name));
        }
        Ok(person)
    }

    fn called(&self, text: &str) -> &[usize] {
        let turned = || {
            let (last, first) = text.split_once(',')?;
            self.by_name.get(&folded(&format!("{first} {last}")))
        };
        self.by_name.get(&folded(text)).or_else(turned).map_or(&[], Vec::as_slice)
    }

    /// By its code, its name, or a text that has one of them in it.
    pub fn project(&self, text: &str) -> Result<&Project, String> {
        if text.is_empty() {
            return Err(
                "It is not said which project this is for. Say below which column does, or which it is."
                    .to_owned(),
            );
        }
        let wanted = folded(text);
        let code = |it: &&Project| folded(it.code.as_str()) == wanted;
        let name = |it: &&Project| folded(it.name.as_str()) == wanted;
        if let Some(found) = self.projects.iter().find(code) {
            return Ok(found);
        }
        let named: Vec<_> = self.projects.iter().filter(name).collect();
        match named[..] {
            [one] => return Ok(one),
            [] => {}
            _ => return Err(format!("More than one project is called “{text}”. Use its code.")),
        }
        let whose = if self.only.is_some() { "No project of yours" } else { "No project" };
        self.project_in(text).ok_or_else(|| format!("{whose} has the code or name “{text}”."))
    }

    /// The one project whose code or name is in a text.
    pub fn project_in(&self, text: &str) -> Option<&Project> {
        let text = format!(" {} ", folded(text));
        let speaks_of = |word: &str| !word.is_empty() && text.contains(&format!(" {word} "));
        let by_code = |it: &&Project| speaks_of(&folded(it.code.as_str()));
        let by_name = |it: &&Project| speaks_of(&folded(it.name.as_str()));
        only_one(self.projects.iter().filter(by_code))
            .or_else(|| only_one(self.projects.iter().filter(by_name)))
    }

    /// What the name of a file speaks of.
    pub fn in_name(&self, name: &str) -> Aside {
        let text = format!(" {} ", folded(name));
        let named = self.people.iter().filter(|it| text.contains(&format!(" {} ", folded(it.name.as_str()))));
        Aside {
            person: only_one(named).map(|it| it.email.to_string()),
            project: self.project_in(name).map(|it| it.code.to_string()),
            ..Aside::default()
        }
    }

    pub fn someone(&self, id: PersonId) -> Option<&Named> {
        self.people.iter().find(|it| it.id == id)
    }
}

fn only_one<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// The task of a project that a text means; without a text, the only one it has.
pub fn task(tasks: &[TaskType], project: &Project, text: &str) -> Result<TaskTypeId, String> {
    let mut of_project = tasks.iter().filter(|task| task.project_id == project.id);
    if text.is_empty() {
        let active = of_project.filter(|task| task.active);
        return only_one(active).map(|task| task.id).ok_or_else(|| {
            format!(
                "It is not said which task of {} this is. Say below which column does, or which it is.",
                project.code
            )
        });
    }
    let wanted = folded(text);
    of_project.find(|task| folded(task.name.as_str()) == wanted).map(|task| task.id).ok_or_else(|| {
        let names: Vec<_> = tasks
            .iter()
            .filter(|task| task.project_id == project.id)
            .map(|task| task.name.as_str())
            .collect();
        format!(
            "{} has no task “{text}”. It has {}.",
            project.code,
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        )
    })
}

/// The person, project and task of a line, as what they are here;
/// or which of them is not known, and why.
pub type Meant = Result<(PersonId, ProjectId, TaskTypeId), (Role, String)>;

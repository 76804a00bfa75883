//! Lines that programs send: many people's and many weeks' at once, each with an answer of its own.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use domain::Fault;
use domain::fault::FieldFault;
use domain::ids::{PersonId, TaskTypeId};
use domain::people::Permission;
use domain::timesheet::{Line, LineSource, LineState, Week};

use super::around::Circle;
use super::enter::{Entered, LineDraft, Refused, enter};
use super::service::{keep, who};
use super::sheet::entry;
use super::store::line;
use super::store::week;
use super::submit::{CONFIRM, tell_submitted};
use super::{Said, Timesheets};
use crate::Error;
use crate::act::Act;

/// A line as a program sends it.
#[derive(Clone, Debug)]
pub struct Posted {
    /// By their email address; whoever sends it if it is left out.
    pub person: Option<String>,
    /// By its code.
    pub project: String,
    /// By its name.
    pub task: String,
    pub on: NaiveDate,
    pub hours: String,
    pub units: String,
    pub note: String,
    pub external_id: Option<String>,
}

/// How lines are taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// They are submitted, and not kept as drafts.
    pub submit: bool,
    /// What is unusual about them was looked at, and is so.
    pub confirm: bool,
}

/// Those of one person in one week, each with its place in what was sent.
type Group<'a> = Vec<(usize, &'a Posted)>;

impl Timesheets {
    /// Takes lines; answers each, in their order. Those of one person and week are kept together or, if the database
    /// fails, not at all.
    pub async fn post(
        &self,
        act: &Act,
        lines: &[Posted],
        how: How,
    ) -> Result<Vec<Result<Line, Fault>>, Error> {
        let mut answers: Vec<Option<Result<Line, Fault>>> = vec![None; lines.len()];
        let mut people: HashMap<&str, Result<PersonId, Fault>> = HashMap::new();
        let mut groups: BTreeMap<(PersonId, Week), Group<'_>> = BTreeMap::new();
        for (place, posted) in lines.iter().enumerate() {
            let email = posted.person.as_deref().unwrap_or_default();
            if !people.contains_key(email) {
                people.insert(email, self.named(act, email).await?);
            }
            match people.get(email) {
                Some(Ok(person)) => {
                    groups.entry((*person, Week::of(posted.on))).or_default().push((place, posted));
                }
                Some(Err(fault)) => set(&mut answers, place, Err(fault.clone())),
                None => {}
            }
        }
        for ((person, week), group) in groups {
            let done = match self.post_week(act, person, week, &group, how).await {
                // Somebody else has called a line so at the very same moment. Looked at once more, that is said.
                Err(Error::Database(error)) if error.is_taken() => {
                    self.post_week(act, person, week, &group, how).await
                }
                done => done,
            };
            for (place, answer) in done? {
                set(&mut answers, place, answer);
            }
        }
        let unanswered = || Err(Fault::new(domain::FaultKind::Internal, "This line was not looked at."));
        Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(unanswered)).collect())
    }

    async fn named(&self, act: &Act, email: &str) -> Result<Result<PersonId, Fault>, Error> {
        if email.is_empty() {
            return Ok(act.person().map(|me| me.id));
        }
        match self.projects.people.known_as(email).await {
            Ok(Some(person)) => Ok(Ok(person.id)),
            Ok(None) => Ok(Err(Fault::field("person", "Nobody here has this address."))),
            Err(Error::Fault(fault)) => Ok(Err(Fault::field("person", fault.message))),
            Err(error) => Err(error),
        }
    }

    async fn post_week(
        &self,
        act: &Act,
        whose: PersonId,
        week: Week,
        group: &Group<'_>,
        how: How,
    ) -> Result<Vec<(usize, Result<Line, Fault>)>, Error> {
        let (person, source) = match self.person(act, whose, Permission::EditTimesheets).await {
            Ok(found) => found,
            Err(Error::Fault(fault)) => {
                return Ok(group.iter().map(|(place, _)| (*place, Err(fault.clone()))).collect());
            }
            Err(error) => return Err(error),
        };
        let who = who(whose, week);
        let mut circle = Circle::gather(&self.projects.db, who, person.zone.clone(), act.at).await?;
        circle.for_staff = source == LineSource::Staff;
        let mut tx = self.projects.db.begin().await?;
        let said = self.open(&mut tx, whose, week, None).await?;
        let before = circle.read_lines(&mut tx, who).await?;
        let mut answers = Vec::new();
        let mut drafts: Vec<(usize, LineDraft)> = Vec::new();
        let mut seen: HashSet<(TaskTypeId, NaiveDate)> = HashSet::new();
        for (place, posted) in group {
            match draft(&circle, posted) {
                Err(fault) => answers.push((*place, Err(fault))),
                Ok(draft) if !seen.insert((draft.task, draft.on)) => answers.push((*place, Err(twice()))),
                Ok(draft) => {
                    // What another program calls it may be the name of another line.
                    let elsewhere = match (&draft.external_id, circle.task(draft.task)) {
                        (Some(id), Some(task)) => line::by_external(&mut tx, task.project_id, id).await?,
                        _ => None,
                    };
                    let same = |line: &Line| {
                        line.person_id == whose && line.task_type_id == draft.task && line.work_on == draft.on
                    };
                    match elsewhere.filter(|line| !same(line)) {
                        Some(line) => answers.push((*place, Err(called_so(&line)))),
                        None => drafts.push((*place, draft)),
                    }
                }
            }
        }
        let only: Vec<_> = drafts.iter().map(|(_, draft)| draft.clone()).collect();
        let mut entered = enter(&mut circle, act, LineSource::Api, &only);
        let submitted =
            if how.submit { submit(&mut circle, act, &only, how.confirm, &mut entered) } else { Vec::new() };
        for (place, draft) in &drafts {
            answers.push((*place, answer(&circle, draft, &entered.said)));
        }
        if entered.put.is_empty() && entered.deleted.is_empty() {
            return Ok(answers);
        }
        keep(&mut tx, act, &|id| circle.frame(id), &before, &entered).await?;
        let submitted_at = if submitted.is_empty() { said.submitted_at } else { Some(act.at) };
        week::say(&mut tx, whose, week, Said { idle: false, submitted_at, ..said }).await?;
        if !submitted.is_empty() {
            tell_submitted(&mut tx, act, &person, week, &submitted).await?;
        } else if circle.for_staff {
            self.tell_of_edit(&mut tx, act, &person, week, &entered).await?;
        }
        tx.commit().await?;
        Ok(answers)
    }
}

fn set(answers: &mut [Option<Result<Line, Fault>>], place: usize, answer: Result<Line, Fault>) {
    if let Some(slot) = answers.get_mut(place) {
        *slot = Some(answer);
    }
}

/// The line in the terms of the house.
fn draft(circle: &Circle, posted: &Posted) -> Result<LineDraft, Fault> {
    let code = posted.project.trim().to_uppercase();
    let project = circle.projects.values().find(|around| around.frame.project.code.as_str() == code);
    let project = project.ok_or_else(|| Fault::field("project", "They are on no project with this code."))?;
    let project = &project.frame.project;
    let name = posted.task.trim().to_lowercase();
    let mut tasks = circle.tasks.iter().filter(|task| task.project_id == project.id);
    let task = tasks.find(|task| task.name.as_str().to_lowercase() == name);
    let task = task
        .ok_or_else(|| Fault::field("task", format!("There is no task of this name on {}.", project.code)))?;
    Ok(LineDraft {
        task: task.id,
        on: posted.on,
        hours: posted.hours.clone(),
        units: posted.units.clone(),
        note: posted.note.clone(),
        external_id: posted.external_id.clone(),
    })
}

/// Submits what was sent, as far as nothing stands against it.
fn submit(
    circle: &mut Circle,
    act: &Act,
    drafts: &[LineDraft],
    confirm: bool,
    entered: &mut Entered,
) -> Vec<Line> {
    let mut submitted = Vec::new();
    for draft in drafts {
        let refused = entered.said.iter().any(|said| about(said, draft) && !said.soft);
        let line = circle.line(draft.task, draft.on).filter(|line| line.state.can_change()).cloned();
        let (Some(line), Some(task)) = (line.filter(|_| !refused), circle.task(draft.task).cloned()) else {
            continue;
        };
        entered.said.retain(|said| !about(said, draft));
        let against = circle.judge(&task, draft.on, &entry(&line));
        let against = against.into_iter().filter(|finding| !(finding.soft && confirm));
        let before = entered.said.len();
        entered.said.extend(against.map(|finding| Refused {
            task: draft.task,
            on: draft.on,
            part: finding.part,
            message: if finding.soft {
                format!("{} Send it with `{CONFIRM}` if it is right.", finding.message)
            } else {
                finding.message
            },
            soft: false,
        }));
        if entered.said.len() > before {
            continue;
        }
        // One that was entered just now has its version already.
        let place = entered.put.iter().position(|put| put.id == line.id);
        let version = if place.is_some() { line.version } else { line.version + 1 };
        let line = Line {
            state: LineState::Submitted,
            confirmed: true,
            submitted_at: Some(act.at),
            returned_for: None,
            version,
            ..line
        };
        circle.put(line.clone());
        match place.and_then(|place| entered.put.get_mut(place)) {
            Some(put) => *put = line.clone(),
            None => entered.put.push(line.clone()),
        }
        submitted.push(line);
    }
    submitted
}

fn about(said: &Refused, draft: &LineDraft) -> bool {
    said.task == draft.task && said.on == draft.on
}

fn answer(circle: &Circle, draft: &LineDraft, said: &[Refused]) -> Result<Line, Fault> {
    let hard = said.iter().filter(|said| about(said, draft) && !said.soft);
    let fields: Vec<_> = hard
        .map(|said| FieldFault { field: said.part.word().to_owned(), message: said.message.clone() })
        .collect();
    match (circle.line(draft.task, draft.on), fields.first()) {
        (Some(line), None) => Ok(line.clone()),
        (None, None) => Err(Fault::not_found("There is no such line.")),
        (_, Some(first)) => {
            let mut fault = Fault::invalid(first.message.clone());
            fault.fields = fields;
            Err(fault)
        }
    }
}

fn twice() -> Fault {
    Fault::conflict("This person, task and day was sent before in the same request.")
}

fn called_so(line: &Line) -> Fault {
    let message = format!("The line of {} with the id {} is called so already.", line.work_on, line.id);
    let mut fault = Fault::conflict(message.clone());
    fault.fields = vec![FieldFault { field: "external_id".to_owned(), message }];
    fault
}

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

use chrono::Days;
use domain::Fault;
use domain::ids::{DropId, LineId, PersonId, ProjectId, TaskTypeId};
use domain::people::{Permission, Person};
use domain::timesheet::{Hours, Line, LineSource, LineState, Week};
use tokio::sync::Semaphore;

use super::around::{Circle, Frame, Worked};
use super::enter::{Entered, LineDraft, enter};
use super::sheet::Sheet;
use super::store::around::Who;
use super::store::line::{self, Total};
use super::store::week::{self, Said};
use crate::Error;
use crate::act::Act;
use crate::db::Tx;
use crate::payment;
use crate::project::Projects;

/// Where projects are looked up.
pub(super) type Frames<'a> = &'a (dyn Fn(ProjectId) -> Option<Arc<Frame>> + Sync);

/// A period has no more days than a month, so this far around a week lies all that its lines are judged by.
pub(super) const AROUND: Days = Days::new(31);

/// The use cases of timesheets.
#[derive(Clone)]
pub struct Timesheets {
    pub(super) projects: Projects,
    /// Whoever reads a file waits here for those who do already.
    pub(super) reading: Arc<Semaphore>,
    /// What is being taken from files by this server.
    pub(super) taking: Arc<Mutex<HashSet<DropId>>>,
}

/// So many files are read at once: what is read takes many times the memory of the file.
const READ_AT_ONCE: usize = 2;

impl Timesheets {
    pub fn new(projects: Projects) -> Self {
        Self { projects, reading: Arc::new(Semaphore::new(READ_AT_ONCE)), taking: Arc::default() }
    }

    /// A week of somebody, with rows for the tasks that are asked for besides.
    pub async fn sheet(
        &self,
        act: &Act,
        whose: PersonId,
        week: Week,
        asked: &[TaskTypeId],
    ) -> Result<Sheet, Error> {
        let (person, source) = self.person(act, whose, Permission::SeeTimesheets).await?;
        let who = who(whose, week);
        let mut circle = Circle::gather(&self.projects.db, who, person.zone, act.at).await?;
        circle.for_staff = source == LineSource::Staff;
        circle.worked = Worked::of(line::of(&self.projects.db, who).await?);
        let said = week::of(&self.projects.db, whose, week).await?;
        let clock = match source {
            LineSource::Grid => Some(self.clock(&circle).await?),
            _ => None,
        };
        Ok(Sheet { clock, ..Sheet::of(&circle, week, said, asked) })
    }

    /// Keeps what was entered in a week, as far as it can be; the rest is said. Nothing is kept if somebody else has
    /// changed the week since this version of it was read; a program that has read none goes by what there is.
    pub async fn save(
        &self,
        act: &Act,
        whose: PersonId,
        week: Week,
        version: Option<i64>,
        drafts: &[LineDraft],
    ) -> Result<(Said, Entered), Error> {
        let (person, source) = self.person(act, whose, Permission::EditTimesheets).await?;
        let mut seen = HashSet::new();
        if !drafts.iter().all(|draft| Week::of(draft.on) == week && seen.insert((draft.task, draft.on))) {
            let message = "Some of these days are not in this week, or come twice. Reload the page.";
            return Err(Fault::invalid(message).into());
        }
        let who = who(whose, week);
        let mut circle = Circle::gather(&self.projects.db, who, person.zone.clone(), act.at).await?;
        let mut tx = self.projects.db.begin().await?;
        let said = self.open(&mut tx, whose, week, version).await?;
        circle.for_staff = source == LineSource::Staff;
        let before = circle.read_lines(&mut tx, who).await?;
        let entered = enter(&mut circle, act, source, drafts);
        if entered.put.is_empty() && entered.deleted.is_empty() {
            return Ok((said, entered));
        }
        keep(&mut tx, act, &|id| circle.frame(id), &before, &entered).await?;
        // Whoever enters something has not worked nothing.
        let said = Said { idle: false, ..said };
        week::say(&mut tx, whose, week, said).await?;
        if source == LineSource::Staff {
            self.tell_of_edit(&mut tx, act, &person, week, &entered).await?;
        }
        tx.commit().await?;
        Ok((Said { version: said.version + 1, ..said }, entered))
    }

    /// Fills the empty cells of a week with what the one before it has, where that can be entered. Answers how many.
    pub async fn copy(&self, act: &Act, whose: PersonId, week: Week, version: i64) -> Result<usize, Error> {
        let sheet = self.sheet(act, whose, week, &[]).await?;
        let before = line::of(&self.projects.db, who(whose, week)).await?;
        let taken: Vec<_> = sheet.lines().map(|line| (line.task_type_id, line.work_on)).collect();
        let copy = |line: Line| LineDraft {
            task: line.task_type_id,
            on: line.work_on + Days::new(7),
            hours: if line.minutes == 0 {
                String::new()
            } else {
                Hours::of_minutes(line.minutes).to_string()
            },
            units: if line.units == 0 { String::new() } else { line.units.to_string() },
            note: String::new(),
            external_id: None,
        };
        let drafts: Vec<_> = before
            .into_iter()
            .filter(|line| Week::of(line.work_on) == week.before())
            .map(copy)
            .filter(|draft| !taken.contains(&(draft.task, draft.on)))
            .collect();
        let (_, entered) = self.save(act, whose, week, Some(version), &drafts).await?;
        Ok(entered.put.len())
    }

    /// Whose timesheet it is, and how what the actor enters in it comes in. Others need a permission.
    pub(super) async fn person(
        &self,
        act: &Act,
        whose: PersonId,
        permission: Permission,
    ) -> Result<(Person, LineSource), Error> {
        let own = act.person().is_ok_and(|me| me.id == whose);
        act.need(if own { Permission::EnterTime } else { permission })?;
        let nobody = || Fault::not_found("There is no such person.");
        let person = self.projects.people.known(whose).await?.ok_or_else(nobody)?;
        Ok((person, if own { LineSource::Grid } else { LineSource::Staff }))
    }

    /// Takes the turn at somebody's lines, and looks whether their week is still as it was seen.
    pub(super) async fn open(
        &self,
        tx: &mut Tx,
        whose: PersonId,
        week: Week,
        version: Option<i64>,
    ) -> Result<Said, Error> {
        line::take_turn(tx, whose).await?;
        let said = week::of_in(tx, whose, week).await?;
        if version.is_some_and(|version| version != said.version) {
            let message =
                "This week was changed elsewhere since you opened it. Reload to see what is there now.";
            return Err(Fault::conflict(message).into());
        }
        Ok(said)
    }
}

pub(super) fn who(person: PersonId, week: Week) -> Who {
    Who { person, from: week.monday() - AROUND, until: week.sunday() + AROUND }
}

/// Writes what has changed, with the sums of the projects. What others have entered meanwhile may have used a budget up.
pub(super) async fn keep(
    tx: &mut Tx,
    act: &Act,
    frames: Frames<'_>,
    before: &[Line],
    entered: &Entered,
) -> Result<(), Error> {
    let changed: HashSet<LineId> =
        entered.put.iter().map(|line| line.id).chain(entered.deleted.iter().copied()).collect();
    let mut more: BTreeMap<ProjectId, Total> = BTreeMap::new();
    let mut due: BTreeSet<PersonId> = BTreeSet::new();
    for (lines, sign) in [(before, -1), (&entered.put[..], 1)] {
        for line in lines.iter().filter(|line| changed.contains(&line.id)) {
            more.entry(line.project_id).or_default().add(line, sign);
            if line.state == LineState::Submitted {
                due.insert(line.person_id);
            }
        }
    }
    line::delete(tx, &entered.deleted).await?;
    line::put(tx, &entered.put, act.at).await?;
    payment::due::people(tx, act, &due.into_iter().collect::<Vec<_>>()).await?;
    // In one order everywhere, so that nobody waits for somebody who waits for them.
    for (project, more) in more {
        let now = line::add_to_total(tx, project, more).await?;
        let Some(frame) = frames(project) else { continue };
        let over = |now: i64, more: i64, most: Option<i64>| more > 0 && most.is_some_and(|most| now > most);
        let terms = &frame.terms;
        if over(now.minutes, more.minutes, terms.budget_minutes)
            || over(now.units, more.units, terms.budget_units)
            || over(now.minor, more.minor, terms.budget_minor)
        {
            let code = &frame.project.code;
            let message = format!("The budget of {code} was used up a moment ago. Ask its manager.");
            return Err(Fault::conflict(message).into());
        }
    }
    Ok(())
}

//! What comes of the lines of a file: by the rules of the grid, person by person.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::ids::{FileId, PersonId, ProjectId, TaskTypeId};
use domain::people::Zone;
use domain::project::TaskType;
use domain::timesheet::import::{Flaw, Mapping, Role, Worked};
use domain::timesheet::rules::{self, Entry, Part};
use domain::timesheet::{Hours, Line, LineNote, LineSource, LineState, Spent, Week};

use super::crowd::Crowd;
use super::names::Meant;
use super::preview::Preview;
use super::read::{Read, Wanted};
use crate::act::Act;
use crate::timesheet::around::{Circle, worth};
use crate::timesheet::enter::{Entered, Entering, is_as_long, keep_stints, line, placed, stays};

/// Enough for what programs call things by.
const LONGEST_ID: usize = 200;

/// What would be written, and what is to be said about it.
#[derive(Default)]
pub struct Judged {
    pub entered: Entered,
    /// The lines that change, as they are.
    pub before: Vec<Line>,
    pub weeks: BTreeSet<(PersonId, Week)>,
    pub flaws: Vec<Flaw>,
    pub unusual: Vec<Flaw>,
    pub same: usize,
    pub people: usize,
    pub minutes: i64,
    pub units: i64,
    pub days: Option<(NaiveDate, NaiveDate)>,
}

impl Judged {
    /// Judges every line whose words have a meaning.
    pub fn of(
        read: &Read,
        meant: &[Meant],
        zones: &HashMap<PersonId, Zone>,
        crowd: &mut Crowd,
        act: &Act,
        file: FileId,
    ) -> Self {
        let mut judged = Self::default();
        let mut of_person: BTreeMap<PersonId, Vec<(&Wanted, ProjectId, TaskTypeId)>> = BTreeMap::new();
        let mut ids: HashMap<(ProjectId, &str), u32> = HashMap::new();
        for (wanted, meant) in read.lines.iter().zip(meant) {
            let (person, project, task) = match meant {
                Ok(meant) => *meant,
                Err((role, message)) => {
                    let column = read.mapping.column(*role);
                    judged.flaws.push(Flaw { row: wanted.row, column, message: message.clone() });
                    continue;
                }
            };
            if let Some(id) = wanted.external_id.as_deref()
                && let Some(row) = ids.insert((project, id), wanted.row)
            {
                let message = format!("Row {row} has the same id, {id}.");
                let column = read.mapping.column(Role::ExternalId);
                judged.flaws.push(Flaw { row: wanted.row, column, message });
                continue;
            }
            of_person.entry(person).or_default().push((wanted, project, task));
        }
        judged.people = of_person.len();
        for (person, lines) in of_person {
            let Some(zone) = zones.get(&person).cloned() else {
                let flaw = |(wanted, ..): &(&Wanted, ProjectId, TaskTypeId)| Flaw {
                    row: wanted.row,
                    column: None,
                    message: "This person is gone. Look at the file again.".to_owned(),
                };
                judged.flaws.extend(lines.iter().map(flaw));
                continue;
            };
            let (circle, before) = crowd.step_out(person, zone);
            let mapping = &read.mapping;
            let mut one =
                One { circle, mapping, file, act, crowd, rows: HashMap::new(), judged: &mut judged };
            for (wanted, project, task) in lines {
                one.line(wanted, project, task);
            }
            let circle = one.circle;
            crowd.step_in(&circle);
            judged.before.extend(before);
        }
        judged.flaws.extend(read.flaws.iter().cloned());
        judged.flaws.sort_by_key(|flaw| (flaw.row, flaw.column));
        judged
    }

    /// Into what people look at.
    pub fn tell(&self, preview: &mut Preview) {
        preview.new = self.entered.put.iter().filter(|line| line.version == 1).count();
        preview.changed = self.entered.put.len() - preview.new;
        preview.same = self.same;
        preview.people = self.people;
        preview.minutes = self.minutes;
        preview.units = self.units;
        preview.days = self.days;
        preview.find_fault(&self.flaws);
        preview.find_unusual(&self.unusual);
    }
}

/// The lines of one person.
struct One<'a> {
    circle: Circle,
    mapping: &'a Mapping,
    file: FileId,
    act: &'a Act,
    crowd: &'a Crowd,
    /// In which row a task and day stood before.
    rows: HashMap<(TaskTypeId, NaiveDate), u32>,
    judged: &'a mut Judged,
}

impl One<'_> {
    fn line(&mut self, wanted: &Wanted, project: ProjectId, task: TaskTypeId) {
        if let Err(wrong) = self.enter(wanted, project, task) {
            for (role, message) in wrong {
                let flaw = self.flaw(wanted, role, message);
                self.judged.flaws.push(flaw);
            }
        }
    }

    /// In the column that says it or, where days stand across, in that of the day.
    fn flaw(&self, wanted: &Wanted, role: Role, message: String) -> Flaw {
        let column = self.mapping.column(role).or(wanted.column);
        Flaw { row: wanted.row, column, message }
    }

    fn enter(
        &mut self,
        wanted: &Wanted,
        project: ProjectId,
        task: TaskTypeId,
    ) -> Result<(), Vec<(Role, String)>> {
        let one = |role: Role, message: &str| Err(vec![(role, message.to_owned())]);
        let Some(task) = self.circle.task(task).cloned() else {
            return one(Role::Task, "There is no such task.");
        };
        if let Some(row) = self.rows.insert((task.id, wanted.on), wanted.row) {
            let message = format!("Row {row} has the same person, task and day. Add them up in one row.");
            return one(Role::Date, &message);
        }
        let (spent, units) = amounts(&wanted.worked, &task);
        let before = self.circle.line(task.id, wanted.on).cloned();
        let placed = placed(&spent, wanted.on, &self.circle.zone, before.as_ref());
        let (minutes, stints) = placed.map_err(|wrong| vec![(Role::Hours, wrong.to_string())])?;
        let note = wanted.note.as_deref().map(LineNote::parse).transpose();
        let note = note.map_err(|wrong| vec![(Role::Note, wrong.to_string())])?;
        let id = wanted.external_id.as_deref();
        if id.is_some_and(|id| id.chars().count() > LONGEST_ID) {
            return one(Role::ExternalId, &format!("The id of a line has at most {LONGEST_ID} characters."));
        }
        let named = id.and_then(|id| self.crowd.called.get(&(project, id.to_owned())));
        if let Some(line) = named.filter(|it| {
            (it.person_id, it.task_type_id, it.work_on) != (self.circle.person, task.id, wanted.on)
        }) {
            return one(
                Role::ExternalId,
                &format!("The line of {} with the id {} here is called so already.", line.work_on, line.id),
            );
        }
        self.count(wanted.on, minutes, units);
        let mut entry = Entry { minutes, stints, units, has_note: false };
        if let Some(line) = &before {
            let is_same =
                is_as_long(line, &entry) && line.units == units && (note.is_none() || line.note == note);
            let is_open = self.circle.for_staff && line.state.can_change();
            if is_same && !is_open {
                self.judged.same += 1;
                return Ok(());
            }
            if let Some(message) = stays(line, self.circle.for_staff) {
                return one(Role::Hours, message);
            }
            if !is_same && (id.is_none() || line.external_id.as_deref() != id) {
                return one(
                    Role::Hours,
                    &format!(
                        "There is another line for this task and day: {}. Change that one, or take it out here.",
                        written(line)
                    ),
                );
            }
        }
        let note = note.or_else(|| before.as_ref().and_then(|line| line.note.clone()));
        entry.has_note = note.is_some();
        keep_stints(&mut entry, before.as_ref());
        let Some(place) = self.circle.place(&task, wanted.on) else {
            return one(Role::Project, "There is no such project.");
        };
        let (day, beside) = (self.circle.day(wanted.on), self.circle.beside(&task, wanted.on));
        let findings = rules::judge(&entry, &day, &place, &beside);
        // Drafts are looked at again when they are submitted.
        let is_draft = !self.circle.for_staff;
        let (soft, hard): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|it| it.soft || (is_draft && it.part == Part::Note));
        if !hard.is_empty() {
            return Err(hard.into_iter().map(|finding| (role(finding.part), finding.message)).collect());
        }
        for finding in soft {
            let flaw = self.flaw(wanted, role(finding.part), finding.message);
            self.judged.unusual.push(flaw);
        }
        let entering = Entering {
            source: LineSource::Import,
            task: &task,
            on: wanted.on,
            minor: worth(&place, &entry).unwrap_or_default(),
            entry,
            note,
            external_id: wanted.external_id.clone(),
        };
        let mut line = line(&self.circle, self.act, entering, before);
        line.file_id = Some(self.file);
        if self.circle.for_staff {
            line.state = LineState::Submitted;
            line.confirmed = true;
            line.submitted_at = Some(self.act.at);
            line.returned_for = None;
        }
        self.judged.weeks.insert((line.person_id, Week::of(line.work_on)));
        self.circle.put(line.clone());
        self.judged.entered.put.push(line);
        Ok(())
    }

    fn count(&mut self, on: NaiveDate, minutes: i64, units: i64) {
        self.judged.minutes += minutes;
        self.judged.units += units;
        let (first, last) = self.judged.days.unwrap_or((on, on));
        self.judged.days = Some((first.min(on), last.max(on)));
    }
}

const fn role(part: Part) -> Role {
    match part {
        Part::Day => Role::Date,
        Part::Hours => Role::Hours,
        Part::Units => Role::Units,
        Part::Note => Role::Note,
    }
}

/// In a column for a day, a number counts what the task is paid by.
fn amounts(worked: &Worked, task: &TaskType) -> (Spent, i64) {
    match worked {
        Worked::Both { spent, units } => (spent.clone(), *units),
        Worked::OnDay { spent, .. } if task.paid_by.hours() => {
            (spent.clone().unwrap_or_else(Spent::nothing), 0)
        }
        Worked::OnDay { units, .. } => (Spent::nothing(), units.unwrap_or(0)),
    }
}

fn written(line: &Line) -> String {
    match (line.minutes, line.units) {
        (0, units) => units.to_string(),
        (minutes, 0) => Hours::of_minutes(minutes).to_string(),
        (minutes, units) => format!("{} and {units}", Hours::of_minutes(minutes)),
    }
}

//! What was entered becomes lines, or a word about why not.

use chrono::NaiveDate;
use domain::Wrong;
use domain::ids::{LineId, TaskTypeId};
use domain::number::optional;
use domain::people::Zone;
use domain::project::TaskType;
use domain::timesheet::rules::{self, Entry, Part};
use domain::timesheet::{Line, LineNote, LineSource, LineState, Spent, Stints};

use super::around::Circle;
use crate::act::Act;

/// A line as it was entered. Without hours and units there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDraft {
    pub task: TaskTypeId,
    pub on: NaiveDate,
    pub hours: String,
    pub units: String,
    pub note: String,
    /// What another program calls it.
    pub external_id: Option<String>,
}

/// A word about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub task: TaskTypeId,
    pub on: NaiveDate,
    pub part: Part,
    pub message: String,
    /// It is unusual, or has to be there when it is submitted: no reason not to keep it.
    pub soft: bool,
}

/// What comes of what was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    pub put: Vec<Line>,
    pub deleted: Vec<LineId>,
    pub said: Vec<Refused>,
}

/// A line that can be read.
pub(super) struct Readable {
    pub entry: Entry,
    pub note: Option<LineNote>,
}

/// What somebody wants to have changed: a line that is to be, or to be no more.
pub(super) struct Change {
    pub task: TaskType,
    pub on: NaiveDate,
    pub readable: Option<Readable>,
    pub external_id: Option<String>,
    pub before: Option<Line>,
}

/// Enters lines, one after the other: each is judged with those before it.
pub(super) fn enter(circle: &mut Circle, act: &Act, source: LineSource, drafts: &[LineDraft]) -> Entered {
    let mut entered = Entered::default();
    let mut changes = Vec::new();
    for draft in drafts {
        match Change::of(circle, draft) {
            Ok(change) => changes.extend(change),
            Err(refused) => entered.said.extend(refused),
        }
    }
    make(circle, act, source, changes, &mut entered);
    entered
}

/// Makes changes, each judged with those before it.
pub(super) fn make(
    circle: &mut Circle,
    act: &Act,
    source: LineSource,
    changes: Vec<Change>,
    entered: &mut Entered,
) {
    // When something was worked that is being replaced is in the way of nothing, whichever of the two comes first.
    for change in &changes {
        if change.before.as_ref().is_some_and(|line| stays(line, circle.for_staff).is_none()) {
            circle.worked.hide_times(change.task.id, change.on);
        }
    }
    for change in changes {
        let (task, on) = (change.task.id, change.on);
        one(circle, act, source, change, entered);
        circle.worked.show_times(task, on);
    }
}

impl Change {
    /// Nothing if it is so already.
    fn of(circle: &Circle, draft: &LineDraft) -> Result<Option<Self>, Vec<Refused>> {
        let LineDraft { task, on, .. } = *draft;
        let said = |part: Part, message: String| Refused { task, on, part, message, soft: false };
        let Some(task) = circle.task(task).cloned() else {
            return Err(vec![said(Part::Day, "There is no such task on a project of theirs.".to_owned())]);
        };
        let before = circle.line(task.id, on).cloned();
        let readable = draft.read(&circle.zone, before.as_ref()).map_err(|faults| {
            faults.into_iter().map(|(part, wrong)| said(part, wrong.to_string())).collect::<Vec<_>>()
        })?;
        let same = match (&before, &readable) {
            (Some(line), Some(it)) => {
                is_as_long(line, &it.entry) && (line.units, &line.note) == (it.entry.units, &it.note)
            }
            (before, readable) => before.is_none() && readable.is_none(),
        };
        let external_id = draft.external_id.clone();
        Ok((!same).then_some(Self { task, on, readable, external_id, before }))
    }
}

fn one(circle: &mut Circle, act: &Act, source: LineSource, change: Change, entered: &mut Entered) {
    let Change { task, on, readable, external_id, before } = change;
    let said = |part: Part, message: String, soft: bool| Refused { task: task.id, on, part, message, soft };
    if let Some(message) = before.as_ref().and_then(|line| stays(line, circle.for_staff)) {
        entered.said.push(said(Part::Hours, message.to_owned(), false));
        return;
    }
    // A program that calls lines by names of its own must not change one it does not know.
    if source == LineSource::Api
        && let Some(line) = before.as_ref().filter(|line| line.external_id != external_id)
    {
        let message = format!("There is another line for this task and day, with the id {}.", line.id);
        entered.said.push(said(Part::Day, message, false));
        return;
    }
    let Some(Readable { mut entry, note }) = readable else {
        // In the grid that empties a cell; who sends lines has sent none.
        if source == LineSource::Api {
            let message = "Enter hours or units; a line of nothing is no line.".to_owned();
            entered.said.push(said(Part::Hours, message, false));
            return;
        }
        circle.take(task.id, on);
        entered.deleted.extend(before.map(|line| line.id));
        return;
    };
    keep_stints(&mut entry, before.as_ref());
    let findings = circle.judge(&task, on, &entry);
    // A note can be written after the hours.
    let keeps = findings.iter().all(|finding| finding.soft || finding.part == Part::Note);
    entered.said.extend(findings.into_iter().map(|finding| {
        let soft = finding.soft || finding.part == Part::Note;
        said(finding.part, finding.message, soft)
    }));
    if keeps {
        let minor = circle.minor(&task, on, &entry);
        let entering = Entering { source, task: &task, on, entry, note, external_id, minor };
        let line = line(circle, act, entering, before);
        circle.put(line.clone());
        entered.put.push(line);
    }
}

/// Whether a line says already what was entered. A line that is known from when until when is as long as its hours say,
/// so that whoever sends those back as they were shown changes nothing.
pub(super) fn is_as_long(line: &Line, entry: &Entry) -> bool {
    line.minutes == entry.minutes && (entry.stints.is_none() || line.stints == entry.stints)
}

/// Hours that are as long as before leave alone from when until when it was.
pub(super) fn keep_stints(entry: &mut Entry, before: Option<&Line>) {
    if let Some(line) = before.filter(|line| is_as_long(line, entry)) {
        entry.stints.clone_from(&line.stints);
    }
}

/// Why a line cannot be changed.
pub(super) fn stays(line: &Line, by_staff: bool) -> Option<&'static str> {
    let may = if by_staff { line.state.staff_can_change() } else { line.state.can_change() };
    (!may).then_some(match line.state {
        LineState::Approved => "This is approved and stays as it is. A correction is a new line.",
        _ => "This is submitted. Ask the manager to return it.",
    })
}

/// What was entered, as a line: a new one, or another version of the one before.
pub(super) struct Entering<'a> {
    pub source: LineSource,
    pub task: &'a TaskType,
    pub on: NaiveDate,
    pub entry: Entry,
    pub note: Option<LineNote>,
    pub external_id: Option<String>,
    pub minor: i64,
}

pub(super) fn line(circle: &Circle, act: &Act, entering: Entering<'_>, before: Option<Line>) -> Line {
    let Entering { source, task, on, entry, note, external_id, minor } = entering;
    let new = || Line {
        id: LineId(act.world.id()),
        person_id: circle.person,
        project_id: task.project_id,
        task_type_id: task.id,
        work_on: on,
        minutes: 0,
        stints: None,
        units: 0,
        minor: 0,
        note: None,
        state: LineState::Draft,
        confirmed: false,
        source,
        external_id,
        submitted_at: None,
        returned_for: None,
        version: 0,
        take: circle.take_of(task.id, on),
        file_id: None,
    };
    let before = before.unwrap_or_else(new);
    Line {
        minutes: entry.minutes,
        stints: entry.stints,
        units: entry.units,
        minor,
        note,
        // What was confirmed was another amount.
        confirmed: false,
        version: before.version + 1,
        ..before
    }
}

/// How long something took on a day where somebody is and, if that was said, from when until when. What a line says already
/// means what it meant: whoever has moved since need not mean other moments.
pub(super) fn placed(
    spent: &Spent,
    on: NaiveDate,
    zone: &Zone,
    before: Option<&Line>,
) -> Result<(i64, Option<Stints>), Wrong> {
    let Spent::Clock(stretches) = spent else { return Ok((spent.usual_minutes(), None)) };
    let known = before.and_then(|line| line.stints.as_ref());
    let stints = match known.filter(|stints| stints.to_string() == spent.to_string()) {
        Some(known) => known.clone(),
        None => Stints::on(on, stretches, zone)?,
    };
    Ok((stints.minutes(), Some(stints)))
}

impl LineDraft {
    /// None if there is nothing in it.
    fn read(&self, zone: &Zone, before: Option<&Line>) -> Result<Option<Readable>, Vec<(Part, Wrong)>> {
        let mut faults = Vec::new();
        let mut part = |part: Part, wrong: Wrong| faults.push((part, wrong));
        let spent = optional(&self.hours, |text| {
            Spent::parse(text).and_then(|spent| placed(&spent, self.on, zone, before))
        });
        let spent = spent.map_err(|wrong| part(Part::Hours, wrong));
        let units = optional(&self.units, rules::units).map_err(|wrong| part(Part::Units, wrong));
        let note = optional(&self.note, LineNote::parse).map_err(|wrong| part(Part::Note, wrong));
        let (Ok(spent), Ok(units), Ok(note)) = (spent, units, note) else { return Err(faults) };
        let ((minutes, stints), units) = (spent.unwrap_or_default(), units.unwrap_or(0));
        let there = minutes > 0 || units > 0;
        let entry = Entry { minutes, stints, units, has_note: note.is_some() };
        Ok(there.then_some(Readable { entry, note }))
    }
}

//! Submitting a week, and returning what was submitted.

use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::FieldFault;
use domain::ids::{LineId, PersonId};
use domain::notice::NoticeKind;
use domain::people::{Permission, Person};
use domain::timesheet::rules::Part;
use domain::timesheet::{Hours, Line, LineNote, LineSource, LineState, Week};
use serde_json::{Value, json};

use super::around::Circle;
use super::enter::Entered;
use super::service::who;
use super::sheet::entry;
use super::store::line;
use super::store::week::{self, Said};
use super::{Refused, Timesheets};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Tx;
use crate::notice::{self, New};
use crate::payment;

/// The field under which what is unusual is confirmed.
pub const CONFIRM: &str = "confirm";

impl Timesheets {
    /// Submits every line of a week that is not submitted yet. What is unusual has to be confirmed.
    pub async fn submit(
        &self,
        act: &Act,
        whose: PersonId,
        week: Week,
        version: i64,
        confirm: bool,
    ) -> Result<Said, Error> {
        let (person, source) = self.person(act, whose, Permission::EditTimesheets).await?;
        let who = who(whose, week);
        let mut circle = Circle::gather(&self.projects.db, who, person.zone.clone(), act.at).await?;
        let mut tx = self.projects.db.begin().await?;
        let said = self.open(&mut tx, whose, week, Some(version)).await?;
        circle.for_staff = source == LineSource::Staff;
        let lines = circle.read_lines(&mut tx, who).await?;
        let is_open = |line: &Line| Week::of(line.work_on) == week && line.state.can_change();
        let open: Vec<_> = lines.into_iter().filter(is_open).collect();
        if open.is_empty() {
            let message =
                "There is nothing to submit. Enter your hours first, or say that you worked nothing.";
            return Err(Fault::conflict(message).into());
        }
        look(&circle, &open, confirm)?;
        let submitted = open.into_iter().map(|line| Line {
            state: LineState::Submitted,
            confirmed: true,
            submitted_at: Some(act.at),
            returned_for: None,
            version: line.version + 1,
            ..line
        });
        let submitted: Vec<_> = submitted.collect();
        line::put(&mut tx, &submitted, act.at).await?;
        let said = Said { idle: false, submitted_at: Some(act.at), ..said };
        week::say(&mut tx, whose, week, said).await?;
        payment::due::person(&mut tx, act, whose).await?;
        tell_submitted(&mut tx, act, &person, week, &submitted).await?;
        tx.commit().await?;
        Ok(Said { version: said.version + 1, ..said })
    }

    /// An answer, too: this week nothing was worked.
    pub async fn worked_nothing(
        &self,
        act: &Act,
        whose: PersonId,
        week: Week,
        version: i64,
    ) -> Result<Said, Error> {
        let (person, _) = self.person(act, whose, Permission::EditTimesheets).await?;
        let mut tx = self.projects.db.begin().await?;
        let said = self.open(&mut tx, whose, week, Some(version)).await?;
        let lines = line::of_in(&mut tx, who(whose, week)).await?;
        if lines.iter().any(|line| Week::of(line.work_on) == week) {
            let message = "There are hours in this week. Remove them first, if nothing was worked.";
            return Err(Fault::conflict(message).into());
        }
        let said = Said { idle: true, submitted_at: Some(act.at), ..said };
        week::say(&mut tx, whose, week, said).await?;
        tell(&mut tx, act, Action::TimesheetSubmitted, &person, week, json!({ "nothing": true })).await?;
        tx.commit().await?;
        Ok(Said { version: said.version + 1, ..said })
    }

    /// Gives a submitted line back to whoever entered it, with a word about what is to be done.
    pub async fn return_line(&self, act: &Act, id: LineId, why: &str) -> Result<(), Error> {
        act.need(Permission::EditTimesheets)?;
        let why = LineNote::parse(why).map_err(|_| {
            Fault::field("why", "Say in a sentence of at most 500 characters what is to be done about it.")
        })?;
        let gone = || Fault::not_found("There is no such line.");
        let mut tx = self.projects.db.begin().await?;
        let whose = line::by_id(&mut tx, id).await?.ok_or_else(gone)?.person_id;
        line::take_turn(&mut tx, whose).await?;
        // Again, now that nobody else changes it.
        let line = line::by_id(&mut tx, id).await?.ok_or_else(gone)?;
        if line.state != LineState::Submitted {
            let message =
                format!("This line is {}, so there is nothing to return.", line.state.label().to_lowercase());
            return Err(Fault::conflict(message).into());
        }
        let week = Week::of(line.work_on);
        let returned = Line {
            state: LineState::Returned,
            confirmed: false,
            returned_for: Some(why.to_string()),
            version: line.version + 1,
            ..line
        };
        line::put(&mut tx, std::slice::from_ref(&returned), act.at).await?;
        let said = week::of_in(&mut tx, whose, week).await?;
        week::say(&mut tx, whose, week, said).await?;
        let person = self.projects.people.known(whose).await?.ok_or_else(gone)?;
        let after = json!({ "line": id, "work_on": returned.work_on, "why": why });
        payment::due::person(&mut tx, act, whose).await?;
        let project = self.projects.get(act, line.project_id).await?;
        let new = New {
            person: whose,
            kind: NoticeKind::LineReturned,
            about: format!("{id}:{}", returned.version),
            sentence: format!(
                "Your line of {} on {} came back: {why}",
                line.work_on.format("%A, %-d %B"),
                project.name
            ),
            path: format!("/timesheet?week={}", week.monday()),
        };
        notice::tell(&mut tx, act, vec![new]).await?;
        tell(&mut tx, act, Action::LineReturned, &person, week, after).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn tell_of_edit(
        &self,
        tx: &mut Tx,
        act: &Act,
        person: &Person,
        week: Week,
        entered: &Entered,
    ) -> Result<(), Error> {
        let after = json!({ "lines": entered.put, "deleted": entered.deleted });
        tell(tx, act, Action::TimesheetEdited, person, week, after).await
    }
}

/// Refuses, with everything that stands against it.
fn look(circle: &Circle, lines: &[Line], confirm: bool) -> Result<(), Error> {
    let mut wrong = Vec::new();
    let mut unusual = Vec::new();
    for line in lines {
        let Some(task) = circle.task(line.task_type_id) else { continue };
        for finding in circle.judge(task, line.work_on, &entry(line)) {
            let day = line.work_on.format("%A, %-d %B");
            let message = format!("{}, {day}: {}", task.name, finding.message);
            if finding.soft {
                unusual.push(FieldFault { field: CONFIRM.to_owned(), message });
            } else {
                wrong.push(FieldFault { field: field(task.id, line.work_on, finding.part), message });
            }
        }
    }
    if wrong.is_empty() && (unusual.is_empty() || confirm) {
        return Ok(());
    }
    let (message, fields) = if wrong.is_empty() {
        ("Some of this week is unusual. Confirm it if it is right.", unusual)
    } else {
        ("Some of this week needs another look before it can be submitted.", wrong)
    };
    let mut fault = Fault::invalid(message);
    fault.fields = fields;
    Err(fault.into())
}

/// What the field of a line is called, in forms and in faults.
pub fn field(task: domain::ids::TaskTypeId, on: chrono::NaiveDate, part: Part) -> String {
    format!("{}:{task}:{on}", part.word())
}

impl Refused {
    pub fn field(&self) -> String {
        field(self.task, self.on, self.part)
    }
}

pub(super) async fn tell_submitted(
    tx: &mut Tx,
    act: &Act,
    person: &Person,
    week: Week,
    lines: &[Line],
) -> Result<(), Error> {
    tell(tx, act, Action::TimesheetSubmitted, person, week, summary(lines)).await
}

fn summary(lines: &[Line]) -> Value {
    let minutes: i64 = lines.iter().map(|line| line.minutes).sum();
    let units: i64 = lines.iter().map(|line| line.units).sum();
    json!({ "lines": lines.len(), "hours": Hours::of_minutes(minutes), "units": units })
}

async fn tell(
    tx: &mut Tx,
    act: &Act,
    action: Action,
    person: &Person,
    week: Week,
    after: Value,
) -> Result<(), Error> {
    let thing_name = format!("{}, week of {}", person.name, week.monday());
    let line: Entry<'_, (), _> = Entry {
        action,
        thing: Thing::Timesheet,
        thing_id: format!("{}/{}", person.id, week.monday()),
        thing_name: &thing_name,
        before: None,
        after: Some(after),
    };
    record(tx, act, line).await
}

/// An approved line counts no more: whoever it is of waits, and the sums of its project are lowered.
pub(crate) async fn release(tx: &mut Tx, id: LineId) -> Result<Option<Line>, Error> {
    let Some(line) = line::by_id(tx, id).await? else { return Ok(None) };
    line::take_turn(tx, line.person_id).await?;
    let less = line::Total { minutes: -line.minutes, units: -line.units, minor: -line.minor };
    line::add_to_total(tx, line.project_id, less).await?;
    let said = week::of_in(tx, line.person_id, Week::of(line.work_on)).await?;
    week::say(tx, line.person_id, Week::of(line.work_on), said).await?;
    Ok(Some(line))
}

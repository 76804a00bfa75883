//! What the annotators of the demo have worked: the weeks before this one, submitted, and this one so far.

use chrono::{Days, NaiveDate};
use domain::ids::{PersonId, TaskTypeId};
use domain::timesheet::{Week, is_weekend};

use crate::Error;
use crate::act::{Act, Actor};
use crate::people::People;
use crate::project::Projects;
use crate::timesheet::{LineDraft, Timesheets};

/// Who, on what, for how long from Monday to Friday, and how many of what is counted.
const HABITS: [(&str, &str, [&str; 5], i64); 5] = [
    ("ana", "Chest findings", ["5:30", "6:00", "5:45", "6:15", "4:00"], 0),
    ("ana", "Fields of invoices", ["", "", "", "", ""], 38),
    ("ana", "Exceptions", ["1:30", "", "1:00", "", "2:30"], 0),
    ("teo", "Bounding boxes", ["4:00", "4:30", "3:30", "4:00", ""], 21),
    ("teo", "Speaker labels", ["2:15", "3:00", "", "3:30", "5:00"], 0),
];

/// So many weeks before this one.
const WEEKS: u64 = 3;

pub async fn work(act: &Act, people: &People, projects: &Projects) -> Result<(), Error> {
    let timesheets = Timesheets::new(projects.clone());
    for login in ["ana", "teo"] {
        let person = people.by_email(act, &format!("{login}@example.com")).await?;
        let today = person.zone.local(act.at).date_naive();
        let id = person.id;
        let own = Act { actor: Actor::Person { person: person.into(), scopes: None }, ..act.clone() };
        let first = Week::of(today - Days::new(7 * WEEKS));
        let weeks = std::iter::successors(Some(first), |week| Some(week.after()));
        for week in weeks.take_while(|week| week.monday() <= today) {
            one(&own, &timesheets, login, id, week, today).await?;
        }
    }
    Ok(())
}

async fn one(
    act: &Act,
    timesheets: &Timesheets,
    login: &str,
    person: PersonId,
    week: Week,
    today: NaiveDate,
) -> Result<(), Error> {
    let sheet = timesheets.sheet(act, person, week, &[]).await?;
    let tasks: Vec<_> = sheet
        .rows
        .iter()
        .map(|row| &row.task)
        .chain(sheet.others.iter().map(|(_, task)| task))
        .map(|task| (task.name.to_string(), task.id))
        .collect();
    let mut drafts = Vec::new();
    for (_, name, hours, units) in HABITS.iter().filter(|habit| habit.0 == login) {
        let Some((_, task)) = tasks.iter().find(|(known, _)| known == name) else { continue };
        let days = week.days().take_while(|on| *on <= today && !is_weekend(*on));
        drafts.extend(
            days.zip(hours).enumerate().filter_map(|(n, (on, hours))| day(*task, on, hours, *units, n)),
        );
    }
    let (said, _) = timesheets.save(act, person, week, Some(sheet.said.version), &drafts).await?;
    let over = week.sunday() < today;
    if over && !drafts.is_empty() {
        let submitted = timesheets.submit(act, person, week, said.version, true).await;
        // What closed before the demo was loaded has nothing to submit.
        if let Err(error) = submitted
            && !matches!(error, Error::Fault(_))
        {
            return Err(error);
        }
    }
    Ok(())
}

fn day(task: TaskTypeId, on: NaiveDate, hours: &str, units: i64, n: usize) -> Option<LineDraft> {
    // Nobody does the same number every day.
    let units = if units == 0 || (hours.is_empty() && n == 3) {
        0
    } else {
        units + i64::try_from(n * 5 % 7).unwrap_or(0)
    };
    (units > 0 || !hours.is_empty()).then(|| LineDraft {
        task,
        on,
        hours: hours.to_owned(),
        units: if units == 0 { String::new() } else { units.to_string() },
        note: String::new(),
        external_id: None,
    })
}

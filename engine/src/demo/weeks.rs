//! What the annotators of the demo have worked: the weeks before this one, submitted and in part paid, and this one so far.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::ids::TaskTypeId;
use domain::timesheet::{Hours, Week, is_weekend};

use crate::Error;
use crate::act::{Act, Actor};
use crate::payment::{Batch, Outcome, Payments};
use crate::payout::Payouts;
use crate::people::People;
use crate::project::Projects;
use crate::timesheet::{LineDraft, Timesheets};

/// Who works on what.
struct Habit {
    who: &'static str,
    task: &'static str,
    /// From Monday to Friday; nothing on days with 0.
    minutes: [i64; 5],
    /// What is counted, an hour or, without hours, a day.
    units: i64,
}

const fn habit(who: &'static str, task: &'static str, minutes: [i64; 5], units: i64) -> Habit {
    Habit { who, task, minutes, units }
}

const HABITS: [Habit; 12] = [
    habit("ana", "Chest findings", [330, 360, 345, 375, 240], 0),
    habit("ana", "Fields of invoices", [0; 5], 38),
    habit("ana", "Exceptions", [90, 0, 60, 0, 150], 0),
    habit("teo", "Bounding boxes", [240, 270, 210, 240, 0], 6),
    habit("teo", "Speaker labels", [135, 180, 0, 210, 300], 0),
    habit("kofi", "Bounding boxes", [300, 315, 285, 330, 270], 6),
    habit("lena", "Bounding boxes", [420, 405, 435, 390, 330], 7),
    habit("marek", "Bounding boxes", [0, 205, 0, 190, 0], 6),
    habit("omar", "Bounding boxes", [210, 250, 0, 235, 265], 6),
    habit("rosa", "Bounding boxes", [255, 285, 310, 240, 275], 7),
    habit("sana", "Bounding boxes", [185, 0, 215, 0, 245], 6),
    habit("yuki", "Bounding boxes", [345, 375, 320, 290, 355], 7),
];

/// Whose clock runs, and for what.
const AT_WORK: &str = "ana";
const WORKS_ON: &str = "Exceptions";
/// What they write down from when until when of.
const CLOCKED: &str = "Chest findings";

/// In so many days before today something unusual has happened.
const UNUSUAL: i64 = 26;

/// What ended so many days ago was approved, by whom, and when after its end.
const APPROVED: i64 = 16;
const APPROVER: &str = "mara@example.com";
const APPROVED_AFTER: i64 = 6;

/// Who sent it then, and what ended so many days ago has arrived.
pub const SENDER: &str = "ines@example.com";
const ARRIVED: i64 = 30;

/// The last so many weeks, and this one so far.
pub async fn work(
    now: &Act,
    people: &People,
    projects: &Projects,
    payouts: &Payouts,
    weeks: u64,
) -> Result<(), Error> {
    let timesheets = Timesheets::new(projects.clone());
    let payments = Payments::new(projects.db.clone());
    let mut actors: Vec<(&str, Act)> = Vec::new();
    for Habit { who, .. } in &HABITS {
        if !actors.iter().any(|(known, _)| known == who) {
            let person = people.by_email(now, &format!("{who}@example.com")).await?;
            let actor = Actor::Person { person: person.into(), scopes: None };
            actors.push((who, Act { actor, ..now.clone() }));
        }
    }
    let approver = by(now, people, APPROVER).await?;
    let sender = by(now, people, SENDER).await?;
    let first = Week::of(now.at.date_naive() - Days::new(7 * weeks));
    for (n, week) in std::iter::successors(Some(first), |week| Some(week.after())).enumerate() {
        // On Saturday, early enough for every period that has ended in the week.
        let saturday =
            (week.monday() + Days::new(5)).and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(9);
        let at = saturday.min(now.at);
        for (who, act) in &actors {
            let act = Act { at, ..act.clone() };
            one(&act, &timesheets, who, week, n, now.at).await?;
        }
        if saturday >= now.at {
            break;
        }
        for batch in approve(&Act { at, ..approver.clone() }, &payments, now.at).await? {
            send(&Act { at, ..sender.clone() }, payouts, &batch, now.at).await?;
        }
    }
    payments.consolidate(now).await?;
    start_clock(now, people, &timesheets).await
}

/// Somebody is at work just now.
async fn start_clock(now: &Act, people: &People, timesheets: &Timesheets) -> Result<(), Error> {
    let act = by(now, people, &format!("{AT_WORK}@example.com")).await?;
    let act = Act { at: now.at - TimeDelta::minutes(47), ..act };
    let week = Week::of(now.at.date_naive());
    let sheet = timesheets.sheet(&act, act.person()?.id, week, &[]).await?;
    let tasks = sheet.clock.map(|clock| clock.tasks).unwrap_or_default();
    match tasks.iter().find(|(_, task)| task.name.as_str() == WORKS_ON) {
        Some((_, task)) => timesheets.start_timer(&act, task.id).await,
        None => Ok(()),
    }
}

/// What one person enters for a week, and submits when it is over.
async fn one(
    act: &Act,
    timesheets: &Timesheets,
    who: &str,
    week: Week,
    n: usize,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let person = act.person()?;
    let today = person.zone.local(act.at).date_naive();
    if week.monday() > today {
        return Ok(());
    }
    let id = person.id;
    let sheet = timesheets.sheet(act, id, week, &[]).await?;
    let tasks: Vec<_> = sheet
        .rows
        .iter()
        .map(|row| &row.task)
        .chain(sheet.others.iter().map(|(_, task)| task))
        .map(|task| (task.name.to_string(), task.id))
        .collect();
    let mut drafts = Vec::new();
    for habit in HABITS.iter().filter(|habit| habit.who == who) {
        let Some((_, task)) = tasks.iter().find(|(known, _)| known == habit.task) else { continue };
        let days = week.days().take_while(|on| *on <= today && !is_weekend(*on));
        drafts.extend(days.enumerate().filter_map(|(day, on)| {
            let is_unusual = (now.date_naive() - on).num_days() < UNUSUAL;
            let draft = habit.day(*task, on, n * 5 + day, day, is_unusual)?;
            // Some write down from when until when, once the week is over.
            let is_clocked =
                who == AT_WORK && habit.task == CLOCKED && day == 0 && week < Week::of(now.date_naive());
            Some(if is_clocked { clocked(draft) } else { draft })
        }));
    }
    let (said, _) = timesheets.save(act, id, week, Some(sheet.said.version), &drafts).await?;
    if act.at < now && !drafts.is_empty() {
        let submitted = timesheets.submit(act, id, week, said.version, true).await;
        // What closed before the demo was loaded has nothing to submit.
        if let Err(error) = submitted
            && !matches!(error, Error::Fault(_))
        {
            return Err(error);
        }
    }
    Ok(())
}

impl Habit {
    /// A day like the others, give or take; some have had an unusual month.
    fn day(
        &self,
        task: TaskTypeId,
        on: NaiveDate,
        n: usize,
        day: usize,
        is_unusual: bool,
    ) -> Option<LineDraft> {
        let spread = |n: usize, step: i64| (i64::try_from(n * 7 % 11).unwrap_or(0) - 5) * step;
        let usual = self.minutes.get(day).copied().unwrap_or(0);
        let mut minutes = if usual == 0 { 0 } else { usual + spread(n, 5) };
        let mut pace = self.units;
        match (self.who, is_unusual) {
            ("kofi", true) => pace *= 4,
            ("lena", true) => minutes = 420,
            ("marek", true) => minutes = 380 + spread(n, 5),
            _ => {}
        }
        let units = match (minutes, pace) {
            (_, 0) => 0,
            (0, _) if self.minutes == [0; 5] => pace + spread(n, 1),
            // Nobody does the same number every hour.
            (minutes, pace) => (minutes * pace + minutes * spread(n + self.who.len(), 1) / 5) / 60,
        };
        (units > 0 || minutes > 0).then(|| LineDraft {
            task,
            on,
            hours: if minutes == 0 { String::new() } else { Hours::of_minutes(minutes).to_string() },
            units: if units == 0 { String::new() } else { units.to_string() },
            note: String::new(),
            external_id: None,
        })
    }
}

/// The same work in two stretches, from half past eight on.
fn clocked(draft: LineDraft) -> LineDraft {
    let minutes = Hours::parse(&draft.hours).map_or(0, Hours::minutes);
    let (noon, one) = (12 * 60 + 15, 13 * 60);
    let morning = (noon - 510).min(minutes);
    let at = Hours::of_minutes;
    let mut hours = format!("{}-{}", at(510), at(510 + morning));
    if minutes > morning {
        hours = format!("{hours}, {}-{}", at(one), at(one + minutes - morning));
    }
    LineDraft { hours, ..draft }
}

/// Somebody of the demo, at the moment of an act.
pub async fn by(now: &Act, people: &People, email: &str) -> Result<Act, Error> {
    let person = people.by_email(now, email).await?;
    Ok(Act { actor: Actor::Person { person: person.into(), scopes: None }, ..now.clone() })
}

/// Approves what has ended a while ago, and answers what that was.
async fn approve(act: &Act, payments: &Payments, now: DateTime<Utc>) -> Result<Vec<Batch>, Error> {
    let mut approved = Vec::new();
    payments.consolidate(act).await?;
    for summed in payments.batches(act, None, 50).await?.rows {
        let until = summed.batch.period().until;
        let ended = |at: DateTime<Utc>| (at.date_naive() - until).num_days();
        if !summed.batch.is_open() || ended(act.at) < APPROVED_AFTER || ended(now) < APPROVED {
            continue;
        }
        let id = summed.batch.id;
        let whole = payments.batch(act, id).await?;
        for it in &whole.found {
            let said = [(it.kind, it.sentence.clone())];
            payments.accept(act, id, it.subject_id, &said, "Checked with the project.").await?;
        }
        let digest = payments.batch(act, id).await?.digest;
        let outcome = payments.approve(act, id, &digest).await?;
        debug_assert_eq!(outcome, Outcome::Approved, "nothing in it is hers");
        approved.push(summed.batch);
    }
    Ok(approved)
}

/// Sends all of a batch, and says so of what has arrived by now.
async fn send(act: &Act, payouts: &Payouts, batch: &Batch, now: DateTime<Utc>) -> Result<(), Error> {
    let today = act.person()?.zone.local(act.at).date_naive().to_string();
    for group in payouts.paying(act, batch.id, &batch.currency).await?.groups {
        let file = payouts.make(act, batch.id, group.usual, group.usual, &today).await?;
        if (now.date_naive() - batch.period().until).num_days() >= ARRIVED {
            let later = Act { at: (act.at + TimeDelta::days(2)).min(now), ..act.clone() };
            payouts.all_paid(&later, file.id).await?;
        }
    }
    Ok(())
}

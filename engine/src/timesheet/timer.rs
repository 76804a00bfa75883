//! A clock that runs while somebody works. Stopped, it becomes lines, by the rules that lines are entered by.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::Fault;
use domain::ids::TaskTypeId;
use domain::people::{Permission, Shown};
use domain::project::TaskType;
use domain::timesheet::rules::{self, Entry};
use domain::timesheet::{Hours, LineSource, Reading, Stints, Week, Which};

use super::Timesheets;
use super::around::Circle;
use super::enter::{Change, Entered, Readable, make, stays};
use super::service::{AROUND, keep};
use super::sheet::Clock;
use super::store::around::Who;
use super::store::line;
use super::store::timer::{self, Running};
use super::store::week::{self, Said};
use crate::Error;
use crate::act::Act;

/// Whoever is said to have worked for longer at a stretch has to say when they stopped.
const LONGEST: TimeDelta = TimeDelta::hours(16);

impl Timesheets {
    /// What runs, and what could.
    pub(super) async fn clock(&self, circle: &Circle) -> Result<Clock, Error> {
        let runs = timer::shown(&self.projects.db, circle.person).await?;
        let open = circle.tasks.iter().filter(|task| cannot_run(circle, task).is_none());
        let mut tasks: Vec<_> = open
            .filter_map(|task| Some((circle.frame(task.project_id)?.project.clone(), task.clone())))
            .collect();
        tasks.sort_by(|a, b| (&a.0.code, &a.1.name).cmp(&(&b.0.code, &b.1.name)));
        Ok(Clock { runs, tasks })
    }

    /// From now on, somebody works on this.
    pub async fn start_timer(&self, act: &Act, task: TaskTypeId) -> Result<(), Error> {
        act.need(Permission::EnterTime)?;
        let me = act.person()?;
        let today = me.zone.local(act.at).date_naive();
        let who = Who { person: me.id, from: today, until: today };
        let mut circle = Circle::gather(&self.projects.db, who, me.zone.clone(), act.at).await?;
        let mut tx = self.projects.db.begin().await?;
        line::take_turn(&mut tx, me.id).await?;
        circle.read_lines(&mut tx, who).await?;
        let found = circle.task(task).ok_or_else(|| Fault::field("task", "Choose what you work on."))?;
        if let Some(why) = cannot_run(&circle, found) {
            return Err(Fault::field("task", why).into());
        }
        if timer::of_in(&mut tx, me.id).await?.is_some() {
            let message = "Your clock runs already. Stop it first.";
            return Err(Fault::conflict(message).into());
        }
        timer::start(&mut tx, me.id, Running { task_type_id: task, since: act.at }).await?;
        Ok(tx.commit().await?)
    }

    /// Enters what was worked since this clock was started, until now or until it was that late. Answers with how it
    /// reads. If it cannot be entered, the clock runs on.
    pub async fn stop_timer(&self, act: &Act, since: DateTime<Utc>, until: &str) -> Result<String, Error> {
        act.need(Permission::EnterTime)?;
        let me = act.person()?;
        let running = timer::of(&self.projects.db, me.id).await?;
        let running = running.filter(|running| running.since == since).ok_or_else(none_runs)?;
        let until = ended(act, &running, until)?;
        let days = Stints::between(running.since, until, &me.zone);
        let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) else {
            let message = "This is less than a minute. Let the clock run, or throw it away.";
            return Err(Fault::conflict(message).into());
        };
        let who = Who { person: me.id, from: *first - AROUND, until: *last + AROUND };
        let mut circle = Circle::gather(&self.projects.db, who, me.zone.clone(), act.at).await?;
        let task = circle.task(running.task_type_id).cloned();
        let task = task.ok_or_else(|| {
            Fault::conflict(
                "You are not on this project any more. Tell its manager what you have worked, and throw the clock away.",
            )
        })?;
        let mut tx = self.projects.db.begin().await?;
        line::take_turn(&mut tx, me.id).await?;
        if timer::of_in(&mut tx, me.id).await? != Some(running) || !timer::stop(&mut tx, me.id).await? {
            return Err(none_runs().into());
        }
        let before = circle.read_lines(&mut tx, who).await?;
        let changes = days
            .iter()
            .map(|(on, stints)| change(&circle, &task, *on, stints))
            .collect::<Result<Vec<_>, _>>()?;
        let mut entered = Entered::default();
        make(&mut circle, act, LineSource::Grid, changes, &mut entered);
        let written = days.iter().map(|(_, stints)| stints.to_string()).collect::<Vec<_>>().join(" and ");
        if let Some(against) = entered.said.iter().find(|said| !said.soft) {
            let day = against.on.format("%A");
            let message =
                format!("{written} cannot be entered for {} on {day}: {}", task.name, against.message);
            return Err(Fault::conflict(message).into());
        }
        keep(&mut tx, act, &|id| circle.frame(id), &before, &entered).await?;
        for week in days.iter().map(|(on, _)| Week::of(*on)).collect::<BTreeSet<_>>() {
            let said = week::of_in(&mut tx, me.id, week).await?;
            week::say(&mut tx, me.id, week, Said { idle: false, ..said }).await?;
        }
        tx.commit().await?;
        let minutes = days.iter().map(|(_, stints)| stints.minutes()).sum();
        Ok(format!("{} entered for {}: {written}.", Hours::of_minutes(minutes), task.name))
    }

    /// This clock has never run.
    pub async fn discard_timer(&self, act: &Act, since: DateTime<Utc>) -> Result<(), Error> {
        act.need(Permission::EnterTime)?;
        let me = act.person()?.id;
        let mut tx = self.projects.db.begin().await?;
        line::take_turn(&mut tx, me).await?;
        let running = timer::of_in(&mut tx, me).await?;
        if running.is_none_or(|running| running.since != since) || !timer::stop(&mut tx, me).await? {
            return Err(none_runs().into());
        }
        Ok(tx.commit().await?)
    }
}

fn none_runs() -> Fault {
    Fault::conflict("This clock runs no more: it was stopped elsewhere. Reload to see what is there now.")
}

/// Why it would be of no use.
fn cannot_run(circle: &Circle, task: &TaskType) -> Option<String> {
    if !task.paid_by.hours() {
        return Some("This is not paid by the hour.".to_owned());
    }
    let today = circle.today();
    if let Some(why) = circle.line(task.id, today).and_then(|line| stays(line, circle.for_staff)) {
        return Some(why.to_owned());
    }
    let place = circle.place(task, today)?;
    rules::closed(&circle.day(today), &place).map(|wrong| wrong.to_string())
}

/// When somebody stopped: now, or when the clock first showed this time after it was started.
fn ended(act: &Act, running: &Running, until: &str) -> Result<DateTime<Utc>, Fault> {
    let zone = &act.person()?.zone;
    let begun = zone.local(running.since);
    if until.trim().is_empty() {
        if act.at - running.since > LONGEST {
            let since = begun.format("%A %H:%M");
            let message = format!("The clock runs since {since}. Say at what time you stopped.");
            return Err(Fault::field("until", message));
        }
        return Ok(act.at);
    }
    let reading = Reading::parse(until).map_err(|wrong| Fault::field("until", wrong.to_string()))?;
    let days = (0..=1).filter_map(|days| begun.date_naive().checked_add_days(Days::new(days)));
    let shown = days.flat_map(|day| match (zone.shown(day, reading.minute), reading.which) {
        (Shown::Never, _) | (Shown::Once(_), Some(_)) => [None, None],
        (Shown::Once(at), None) => [Some(at), None],
        (Shown::Twice(first, second), None) => [Some(first), Some(second)],
        (Shown::Twice(first, _), Some(Which::First)) => [Some(first), None],
        (Shown::Twice(_, second), Some(Which::Second)) => [Some(second), None],
    });
    let first = shown.flatten().map(|at| at.with_timezone(&Utc)).find(|at| *at > running.since);
    match first.filter(|at| *at <= act.at) {
        Some(at) => Ok(at),
        None => {
            let since = begun.format("%A %H:%M");
            Err(Fault::field(
                "until",
                format!("The clock has run since {since}, and that has not come since."),
            ))
        }
    }
}

/// What a day comes to with it. Where hours were entered without times, it is added to them.
fn change(circle: &Circle, task: &TaskType, on: NaiveDate, stints: &Stints) -> Result<Change, Fault> {
    let before = circle.line(task.id, on).cloned();
    let with = |earlier: &Stints| {
        let joined = earlier.with(stints);
        joined.map_err(|wrong| Fault::conflict(format!("{wrong} Change what is entered first.")))
    };
    let (minutes, stints) = match before.as_ref().map(|line| (line.minutes, &line.stints)) {
        Some((_, Some(earlier))) => {
            let joined = with(earlier)?;
            (joined.minutes(), Some(joined))
        }
        Some((minutes, None)) if minutes > 0 => (minutes + stints.minutes(), None),
        _ => (stints.minutes(), Some(stints.clone())),
    };
    let note = before.as_ref().and_then(|line| line.note.clone());
    let entry = Entry {
        minutes,
        stints,
        units: before.as_ref().map_or(0, |line| line.units),
        has_note: note.is_some(),
    };
    let external_id = before.as_ref().and_then(|line| line.external_id.clone());
    Ok(Change { task: task.clone(), on, readable: Some(Readable { entry, note }), external_id, before })
}

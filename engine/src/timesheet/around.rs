//! What the lines of a person are judged by, gathered once for all of them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{PersonId, ProjectId, TaskTypeId};
use domain::people::Zone;
use domain::project::{Project, TaskType, Terms};
use domain::rate::{For, Level, RateBook};
use domain::timesheet::rules::{self, Beside, Day, Entry, Finding, Place};
use domain::timesheet::{Line, Week};

use super::store::around::{self, Who};
use super::store::line::{self, Total};
use crate::Error;
use crate::db::{Db, DbError, Tx};

/// A project as it is around one person.
pub(super) struct Around {
    pub project: Project,
    pub terms: Terms,
    /// From when until when they are on it; none if they are not.
    days: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Their levels, the earliest first.
    levels: Vec<(NaiveDate, Option<Level>)>,
    book: RateBook,
    pub total: Total,
}

/// Everything around one person.
pub(super) struct Circle {
    pub person: PersonId,
    /// Whether staff look at it, and not the person.
    pub for_staff: bool,
    zone: Zone,
    now: DateTime<Utc>,
    pub tasks: Vec<TaskType>,
    pub projects: HashMap<ProjectId, Around>,
    /// Their lines; those that are entered join them, so that the next one is judged with them.
    pub lines: Vec<Line>,
    /// How many lines of a task on a day were reversed before.
    retakes: HashMap<(TaskTypeId, NaiveDate), i64>,
}

impl Circle {
    /// Without the lines, which are read where nobody can change them meanwhile.
    pub async fn gather(db: &Db, who: Who, zone: Zone, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut levels: HashMap<ProjectId, Vec<(NaiveDate, Option<Level>)>> = HashMap::new();
        for (project, from, level) in around::levels(db, who.person).await? {
            levels.entry(project).or_default().push((from, level));
        }
        let mut rates: HashMap<ProjectId, Vec<_>> = HashMap::new();
        for rate in around::rates(db, who).await? {
            rates.entry(rate.project_id).or_default().push(rate);
        }
        let days: HashMap<_, _> = around::days(db, who.person)
            .await?
            .into_iter()
            .map(|(id, start, end)| (id, (start, end)))
            .collect();
        let mut terms: HashMap<_, _> =
            around::terms(db, who).await?.into_iter().map(|terms| (terms.project_id, terms)).collect();
        let totals: HashMap<_, _> = line::totals(db, who)
            .await?
            .into_iter()
            .map(|(id, minutes, units, minor)| (id, Total { minutes, units, minor }))
            .collect();
        let around = |project: Project| {
            let id = project.id;
            let around = Around {
                terms: terms.remove(&id).unwrap_or_else(|| Terms::usual(id)),
                days: days.get(&id).copied(),
                levels: levels.remove(&id).unwrap_or_default(),
                book: RateBook::new(rates.remove(&id).unwrap_or_default()),
                total: totals.get(&id).copied().unwrap_or_default(),
                project,
            };
            (id, around)
        };
        let projects = around::projects(db, who).await?.into_iter().map(around).collect();
        let tasks = around::tasks(db, who).await?;
        Ok(Self {
            person: who.person,
            for_staff: false,
            zone,
            now,
            tasks,
            projects,
            lines: Vec::new(),
            retakes: HashMap::new(),
        })
    }

    /// Reads the lines where nobody can change them.
    pub async fn read_lines(&mut self, tx: &mut Tx, who: Who) -> Result<(), DbError> {
        self.lines = line::of_in(tx, who).await?;
        let retakes = line::retakes(tx, who).await?;
        self.retakes = retakes.into_iter().map(|(task, on, count)| ((task, on), count)).collect();
        Ok(())
    }

    pub fn take_of(&self, task: TaskTypeId, on: NaiveDate) -> i64 {
        self.retakes.get(&(task, on)).copied().unwrap_or_default()
    }

    pub fn task(&self, id: TaskTypeId) -> Option<&TaskType> {
        self.tasks.iter().find(|task| task.id == id)
    }

    pub fn today(&self) -> NaiveDate {
        self.zone.local(self.now).date_naive()
    }

    pub fn day(&self, on: NaiveDate) -> Day {
        Day { on, today: self.today(), length: self.zone.day_length(on) }
    }

    pub fn place(&self, task: &TaskType, on: NaiveDate) -> Option<Place> {
        let Around { project, terms, days, levels, book, .. } = self.projects.get(&task.project_id)?;
        let level = levels.iter().rev().find(|(from, _)| *from <= on).and_then(|(_, level)| level.as_ref());
        let work = For { task_type_id: task.id, level, person_id: self.person };
        Some(Place {
            status: project.status,
            task_is_active: task.active,
            paid_by: task.paid_by,
            unit: task.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
            day_minutes: task.day_minutes,
            day_units: task.day_units,
            assigned: *days,
            calendar: terms.calendar,
            today: terms.zone.local(self.now).date_naive(),
            backdate_days: terms.backdate_days,
            for_staff: self.for_staff,
            period_minutes: terms.period_minutes,
            budget_minutes: terms.budget_minutes,
            budget_units: terms.budget_units,
            budget_minor: terms.budget_minor,
            currency: project.currency.clone(),
            pay: book.applying(work, on).map(|rate| task.paid_by.of(rate.pay())),
        })
    }

    /// Why nothing can be entered for a task on a day.
    pub fn closed(&self, task: &TaskType, on: NaiveDate) -> Option<String> {
        let place = self.place(task, on)?;
        rules::closed(&self.day(on), &place).map(|wrong| wrong.to_string())
    }

    /// What there is besides the line of a task on a day.
    pub fn beside(&self, task: &TaskType, on: NaiveDate) -> Beside {
        let Some(around) = self.projects.get(&task.project_id) else { return Beside::default() };
        let period = around.terms.calendar.period_of(on);
        let week = Week::of(on);
        let total = around.total;
        let mut beside = Beside {
            all_minutes: total.minutes,
            all_units: total.units,
            all_minor: total.minor,
            ..Beside::default()
        };
        for line in &self.lines {
            if line.work_on == on && line.task_type_id == task.id {
                beside.all_minutes -= line.minutes;
                beside.all_units -= line.units;
                beside.all_minor -= line.minor;
                continue;
            }
            let same_project = line.project_id == task.project_id;
            if line.work_on == on {
                beside.day_minutes += line.minutes;
                beside.project_day_minutes += if same_project { line.minutes } else { 0 };
            }
            if Week::of(line.work_on) == week {
                beside.week_minutes += line.minutes;
            }
            if same_project && period.holds(line.work_on) {
                beside.period_minutes += line.minutes;
            }
        }
        beside
    }

    pub fn judge(&self, task: &TaskType, on: NaiveDate, entry: &Entry) -> Vec<Finding> {
        match self.place(task, on) {
            Some(place) => rules::judge(entry, &self.day(on), &place, &self.beside(task, on)),
            None => Vec::new(),
        }
    }

    /// What an entry comes to, in minor units; nothing as long as no rate says so.
    pub fn minor(&self, task: &TaskType, on: NaiveDate, entry: &Entry) -> i64 {
        let place = self.place(task, on);
        let pay = place.as_ref().and_then(|place| Some((place.pay?, &place.currency)));
        pay.and_then(|(pay, currency)| pay.of(entry.minutes, entry.units, currency)).unwrap_or_default()
    }

    /// The line is there now, in the place of what was; the sums of its project know it.
    pub fn put(&mut self, line: Line) {
        self.take(line.task_type_id, line.work_on);
        if let Some(around) = self.projects.get_mut(&line.project_id) {
            around.total.minutes += line.minutes;
            around.total.units += line.units;
            around.total.minor += line.minor;
        }
        self.lines.push(line);
    }

    pub fn take(&mut self, task: TaskTypeId, on: NaiveDate) -> Option<Line> {
        let place = self.lines.iter().position(|line| line.task_type_id == task && line.work_on == on)?;
        let line = self.lines.swap_remove(place);
        if let Some(around) = self.projects.get_mut(&line.project_id) {
            around.total.minutes -= line.minutes;
            around.total.units -= line.units;
            around.total.minor -= line.minor;
        }
        Some(line)
    }

    pub fn line(&self, task: TaskTypeId, on: NaiveDate) -> Option<&Line> {
        self.lines.iter().find(|line| line.task_type_id == task && line.work_on == on)
    }
}

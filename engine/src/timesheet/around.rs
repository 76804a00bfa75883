//! What the lines of a person are judged by, gathered once for all of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{PersonId, ProjectId, TaskTypeId};
use domain::people::Zone;
use domain::project::{Project, TaskType, Terms};
use domain::rate::{For, Level, RateBook};
use domain::timesheet::rules::{self, Beside, Busy, Day, Entry, Finding, Place};
use domain::timesheet::{Line, Stints, Week};

use super::store::around::{self, Who};
use super::store::line::{self, Total};
use crate::Error;
use crate::db::{Db, DbError, Tx};

/// A project as it is for everybody.
pub(super) struct Frame {
    pub project: Project,
    pub terms: Terms,
    pub book: RateBook,
}

/// A project as it is around one person.
pub(super) struct Around {
    pub frame: Arc<Frame>,
    pub stay: Stay,
    pub total: Total,
}

/// How somebody is on a project.
#[derive(Clone, Debug, Default)]
pub(super) struct Stay {
    /// From when until when they are on it; none if they are not.
    pub days: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Their levels, the earliest first.
    pub levels: Vec<(NaiveDate, Option<Level>)>,
}

/// Everything around one person.
pub(super) struct Circle {
    pub person: PersonId,
    /// Whether staff look at it, and not the person.
    pub for_staff: bool,
    pub zone: Zone,
    pub now: DateTime<Utc>,
    pub tasks: Arc<Vec<TaskType>>,
    pub projects: HashMap<ProjectId, Around>,
    pub worked: Worked,
    /// How many lines of a task on a day were reversed before.
    pub retakes: HashMap<(TaskTypeId, NaiveDate), i64>,
}

/// The lines of a person; those that are entered join them, so that the next one is judged with them. Their sums are kept
/// with them: a file may have hundreds of lines for each day that a line is judged by.
#[derive(Default)]
pub(super) struct Worked {
    lines: BTreeMap<(NaiveDate, TaskTypeId), Line>,
    on_day: HashMap<NaiveDate, i64>,
    on_project: HashMap<(ProjectId, NaiveDate), i64>,
    /// When they worked on something, by what, where it was said.
    clocked: HashMap<NaiveDate, Vec<(TaskTypeId, Stints)>>,
}

impl Worked {
    pub fn of(lines: impl IntoIterator<Item = Line>) -> Self {
        let mut worked = Self::default();
        for line in lines {
            worked.put(line);
        }
        worked
    }

    /// Minutes of lines that are not looked at.
    pub fn add_elsewhere(&mut self, on: NaiveDate, minutes: i64) {
        *self.on_day.entry(on).or_default() += minutes;
    }

    /// From when until when a line that is not looked at was.
    pub fn clock_elsewhere(&mut self, on: NaiveDate, task: TaskTypeId, stints: Stints) {
        self.clocked.entry(on).or_default().push((task, stints));
    }

    /// Lets times of a line be in the way of nothing, until they are shown again.
    pub fn hide_times(&mut self, task: TaskTypeId, on: NaiveDate) {
        if let Some(clocked) = self.clocked.get_mut(&on) {
            clocked.retain(|(other, _)| *other != task);
        }
    }

    pub fn show_times(&mut self, task: TaskTypeId, on: NaiveDate) {
        self.hide_times(task, on);
        if let Some(stints) = self.line(task, on).and_then(|line| line.stints.clone()) {
            self.clock_elsewhere(on, task, stints);
        }
    }

    fn add(&mut self, project: ProjectId, on: NaiveDate, minutes: i64) {
        *self.on_day.entry(on).or_default() += minutes;
        *self.on_project.entry((project, on)).or_default() += minutes;
    }

    fn put(&mut self, line: Line) {
        self.add(line.project_id, line.work_on, line.minutes);
        if let Some(stints) = &line.stints {
            self.clock_elsewhere(line.work_on, line.task_type_id, stints.clone());
        }
        self.lines.insert((line.work_on, line.task_type_id), line);
    }

    fn take(&mut self, task: TaskTypeId, on: NaiveDate) -> Option<Line> {
        let line = self.lines.remove(&(on, task))?;
        self.add(line.project_id, on, -line.minutes);
        if line.stints.is_some() {
            self.hide_times(task, on);
        }
        Some(line)
    }

    pub fn line(&self, task: TaskTypeId, on: NaiveDate) -> Option<&Line> {
        self.lines.get(&(on, task))
    }

    /// By day.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.values()
    }

    fn day(&self, on: NaiveDate) -> i64 {
        self.on_day.get(&on).copied().unwrap_or_default()
    }

    /// Everything around a day, for whoever travels is on two days at once.
    fn clocked_near(&self, on: NaiveDate) -> impl Iterator<Item = (NaiveDate, &(TaskTypeId, Stints))> {
        let days = [on.pred_opt(), Some(on), on.succ_opt()].into_iter().flatten();
        days.filter_map(|on| self.clocked.get(&on).map(|clocked| (on, clocked)))
            .flat_map(|(on, clocked)| clocked.iter().map(move |it| (on, it)))
    }

    fn project_day(&self, project: ProjectId, on: NaiveDate) -> i64 {
        self.on_project.get(&(project, on)).copied().unwrap_or_default()
    }
}

impl Circle {
    /// Without the lines, which are read where nobody can change them meanwhile.
    pub async fn gather(db: &Db, who: Who, zone: Zone, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut stays: HashMap<ProjectId, Stay> = HashMap::new();
        for (project, from, level) in around::levels(db, who.person).await? {
            stays.entry(project).or_default().levels.push((from, level));
        }
        for (project, starts_on, ends_on) in around::days(db, who.person).await? {
            stays.entry(project).or_default().days = Some((starts_on, ends_on));
        }
        let mut rates: HashMap<ProjectId, Vec<_>> = HashMap::new();
        for rate in around::rates(db, who).await? {
            rates.entry(rate.project_id).or_default().push(rate);
        }
        let mut terms: HashMap<_, _> =
            around::terms(db, who).await?.into_iter().map(|terms| (terms.project_id, terms)).collect();
        let totals: HashMap<_, _> = line::totals(db, who)
            .await?
            .into_iter()
            .map(|(id, minutes, units, minor)| (id, Total { minutes, units, minor }))
            .collect();
        let around = |project: Project| {
            let id = project.id;
            let frame = Frame {
                terms: terms.remove(&id).unwrap_or_else(|| Terms::usual(id)),
                book: RateBook::new(rates.remove(&id).unwrap_or_default()),
                project,
            };
            let around = Around {
                frame: Arc::new(frame),
                stay: stays.remove(&id).unwrap_or_default(),
                total: totals.get(&id).copied().unwrap_or_default(),
            };
            (id, around)
        };
        let projects = around::projects(db, who).await?.into_iter().map(around).collect();
        let tasks = Arc::new(around::tasks(db, who).await?);
        Ok(Self {
            person: who.person,
            for_staff: false,
            zone,
            now,
            tasks,
            projects,
            worked: Worked::default(),
            retakes: HashMap::new(),
        })
    }

    /// Reads the lines where nobody can change them; answers them as they are.
    pub async fn read_lines(&mut self, tx: &mut Tx, who: Who) -> Result<Vec<Line>, DbError> {
        let lines = line::of_in(tx, who).await?;
        self.worked = Worked::of(lines.clone());
        let retakes = line::retakes(tx, who).await?;
        self.retakes = retakes.into_iter().map(|(task, on, count)| ((task, on), count)).collect();
        Ok(lines)
    }

    pub fn take_of(&self, task: TaskTypeId, on: NaiveDate) -> i64 {
        self.retakes.get(&(task, on)).copied().unwrap_or_default()
    }

    pub fn frame(&self, id: ProjectId) -> Option<Arc<Frame>> {
        self.projects.get(&id).map(|around| Arc::clone(&around.frame))
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
        let Around { frame, stay, .. } = self.projects.get(&task.project_id)?;
        let Frame { project, terms, book } = &**frame;
        let level =
            stay.levels.iter().rev().find(|(from, _)| *from <= on).and_then(|(_, level)| level.as_ref());
        let work = For { task_type_id: task.id, level, person_id: self.person };
        Some(Place {
            status: project.status,
            task_is_active: task.active,
            paid_by: task.paid_by,
            unit: task.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
            day_minutes: task.day_minutes,
            day_units: task.day_units,
            assigned: stay.days,
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
        let (worked, terms) = (&self.worked, &around.frame.terms);
        let own = worked.line(task.id, on);
        let minutes = own.map_or(0, |line| line.minutes);
        let week = Week::of(on).days().map(|day| worked.day(day)).sum::<i64>();
        // Asked only where it is limited.
        let period = terms.period_minutes.map_or(0, |_| {
            let period = terms.calendar.period_of(on);
            let days = period.from.iter_days().take_while(|day| *day <= period.until);
            days.map(|day| worked.project_day(task.project_id, day)).sum::<i64>() - minutes
        });
        Beside {
            busy: self.busy(task, on),
            day_minutes: worked.day(on) - minutes,
            week_minutes: week - minutes,
            project_day_minutes: worked.project_day(task.project_id, on) - minutes,
            period_minutes: period,
            all_minutes: around.total.minutes - minutes,
            all_units: around.total.units - own.map_or(0, |line| line.units),
            all_minor: around.total.minor - own.map_or(0, |line| line.minor),
        }
    }

    /// When they worked on something else.
    fn busy(&self, task: &TaskType, on: NaiveDate) -> Vec<Busy> {
        let others = self.worked.clocked_near(on).filter(|(day, (other, _))| (*day, *other) != (on, task.id));
        let busy = |(_, (other, stints)): (NaiveDate, &(TaskTypeId, Stints))| {
            let name =
                self.task(*other).map_or_else(|| "another project".to_owned(), |task| task.name.to_string());
            stints.all().iter().map(|stint| Busy { stint: *stint, task: name.clone() }).collect::<Vec<_>>()
        };
        others.flat_map(busy).collect()
    }

    pub fn judge(&self, task: &TaskType, on: NaiveDate, entry: &Entry) -> Vec<Finding> {
        match self.place(task, on) {
            Some(place) => rules::judge(entry, &self.day(on), &place, &self.beside(task, on)),
            None => Vec::new(),
        }
    }

    /// What an entry comes to, in minor units; nothing as long as no rate says so.
    pub fn minor(&self, task: &TaskType, on: NaiveDate, entry: &Entry) -> i64 {
        self.place(task, on).and_then(|place| worth(&place, entry)).unwrap_or_default()
    }

    /// The line is there now, in the place of what was; the sums of its project know it.
    pub fn put(&mut self, line: Line) {
        self.take(line.task_type_id, line.work_on);
        if let Some(around) = self.projects.get_mut(&line.project_id) {
            around.total.add(&line, 1);
        }
        self.worked.put(line);
    }

    pub fn take(&mut self, task: TaskTypeId, on: NaiveDate) -> Option<Line> {
        let line = self.worked.take(task, on)?;
        if let Some(around) = self.projects.get_mut(&line.project_id) {
            around.total.add(&line, -1);
        }
        Some(line)
    }

    pub fn line(&self, task: TaskTypeId, on: NaiveDate) -> Option<&Line> {
        self.worked.line(task, on)
    }
}

/// What an entry comes to, in minor units; nothing as long as no rate says so.
pub(super) fn worth(place: &Place, entry: &Entry) -> Option<i64> {
    place.pay?.of(entry.minutes, entry.units, &place.currency)
}

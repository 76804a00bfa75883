//! A week as it is looked at and filled in.

use chrono::NaiveDate;
use domain::ids::TaskTypeId;
use domain::project::{Project, TaskType};
use domain::timesheet::rules::{Entry, Finding};
use domain::timesheet::{Line, Week};

use super::around::Circle;
use super::store::timer::Timer;
use super::store::week::Said;

/// A person's week.
pub struct Sheet {
    pub week: Week,
    pub today: NaiveDate,
    pub said: Said,
    pub rows: Vec<Row>,
    /// What else could be worked on, to add a row of it.
    pub others: Vec<(Project, TaskType)>,
    /// How long each of the days is, in minutes.
    pub lengths: Vec<i64>,
    /// Of whoever looks at their own.
    pub clock: Option<Clock>,
}

/// What can be worked by the clock.
pub struct Clock {
    pub runs: Option<Timer>,
    /// What it could be started for today.
    pub tasks: Vec<(Project, TaskType)>,
}

/// A task in a week.
pub struct Row {
    pub project: Project,
    pub task: TaskType,
    pub cells: Vec<Cell>,
}

/// A task on a day.
pub struct Cell {
    pub on: NaiveDate,
    pub line: Option<Line>,
    /// Why nothing can be entered.
    pub closed: Option<String>,
    /// What there is to be said about what was entered.
    pub findings: Vec<Finding>,
}

impl Sheet {
    /// The rows are those with lines in the week or the one before it, and those that are asked for.
    pub(super) fn of(circle: &Circle, week: Week, said: Said, asked: &[TaskTypeId]) -> Self {
        let near = |line: &&Line| Week::of(line.work_on) == week || Week::of(line.work_on) == week.before();
        let near: Vec<_> = circle.worked.lines().filter(near).map(|line| line.task_type_id).collect();
        let open = |task: &TaskType| week.days().any(|on| circle.closed(task, on).is_none());
        let is_row = |task: &TaskType| near.contains(&task.id) || asked.contains(&task.id);
        let mut rows = Vec::new();
        let mut others = Vec::new();
        for task in circle.tasks.iter() {
            let Some(around) = circle.projects.get(&task.project_id) else { continue };
            let entered = week.days().any(|on| circle.line(task.id, on).is_some());
            if entered || (is_row(task) && open(task)) {
                rows.push(Row::of(circle, week, around.frame.project.clone(), task));
            } else if open(task) {
                others.push((around.frame.project.clone(), task.clone()));
            }
        }
        rows.sort_by(|a, b| (&a.project.code, &a.task.name).cmp(&(&b.project.code, &b.task.name)));
        others.sort_by(|a, b| (&a.0.code, &a.1.name).cmp(&(&b.0.code, &b.1.name)));
        let lengths = week.days().map(|on| circle.day(on).length).collect();
        Self { week, today: circle.today(), said, rows, others, lengths, clock: None }
    }

    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.line.as_ref())
    }

    /// Whether something waits to be submitted.
    pub fn is_open(&self) -> bool {
        self.lines().any(|line| line.state.can_change())
    }
}

impl Row {
    fn of(circle: &Circle, week: Week, project: Project, task: &TaskType) -> Self {
        let cell = |on: NaiveDate| {
            let line = circle.line(task.id, on).cloned();
            let findings = line
                .as_ref()
                .filter(|line| line.state.can_change())
                .map(|line| circle.judge(task, on, &entry(line)));
            Cell { on, closed: circle.closed(task, on), findings: findings.unwrap_or_default(), line }
        };
        Self { cells: week.days().map(cell).collect(), task: task.clone(), project }
    }
}

pub(super) fn entry(line: &Line) -> Entry {
    Entry {
        minutes: line.minutes,
        stints: line.stints.clone(),
        units: line.units,
        has_note: line.note.is_some(),
    }
}

//! What lines are paid by, gathered once for all people that are consolidated together.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::ids::{PersonId, ProjectId, TaskTypeId};
use domain::money::Pay;
use domain::payment::{AppliedRate, Due, Work};
use domain::project::{PaidBy, Project, Terms};
use domain::rate::{For, Level, RateBook};

use super::store::around::{self, OpenLine, OpenReversal};
use crate::db::{Db, DbError};

/// So many ids go into one question.
const AT_ONCE: usize = 200;

/// The levels of somebody on a project, the earliest first.
type Levels = HashMap<(ProjectId, PersonId), Vec<(NaiveDate, Option<Level>)>>;

/// Projects as their lines are paid.
#[derive(Default)]
pub struct Around {
    projects: HashMap<ProjectId, Project>,
    terms: HashMap<ProjectId, Terms>,
    tasks: HashMap<TaskTypeId, PaidBy>,
    books: HashMap<ProjectId, RateBook>,
    levels: Levels,
    approved: HashSet<Due>,
}

impl Around {
    pub async fn new(db: &Db) -> Result<Self, DbError> {
        Ok(Self { approved: around::approved(db).await?.into_iter().collect(), ..Self::default() })
    }

    /// Reads what is not known yet of these projects.
    pub async fn know(&mut self, db: &Db, projects: impl Iterator<Item = ProjectId>) -> Result<(), DbError> {
        let unknown: HashSet<_> = projects.filter(|id| !self.projects.contains_key(id)).collect();
        let unknown: Vec<_> = unknown.into_iter().collect();
        for some in unknown.chunks(AT_ONCE) {
            let projects = around::projects(db, some).await?;
            self.projects.extend(projects.into_iter().map(|project| (project.id, project)));
            let terms = around::terms(db, some).await?;
            self.terms.extend(terms.into_iter().map(|terms| (terms.project_id, terms)));
            let tasks = around::tasks(db, some).await?;
            self.tasks.extend(tasks.into_iter().map(|task| (task.id, task.paid_by)));
            let mut rates: HashMap<ProjectId, Vec<_>> = HashMap::new();
            for rate in around::rates(db, some).await? {
                rates.entry(rate.project_id).or_default().push(rate);
            }
            self.books.extend(rates.into_iter().map(|(project, rates)| (project, RateBook::new(rates))));
            for (project, person, from, level) in around::levels(db, some).await? {
                self.levels.entry((project, person)).or_default().push((from, level));
            }
        }
        Ok(())
    }

    /// A line as pay sees it; none if its project is not known.
    pub fn work(&self, line: &OpenLine) -> Option<Work> {
        let due = self.due(line.project_id, line.work_on)?;
        Some(Work {
            line_id: line.id,
            line_version: line.version,
            project_id: line.project_id,
            task_type_id: line.task_type_id,
            work_on: line.work_on,
            minutes: line.minutes,
            units: line.units,
            is_late: !due.period.holds(line.work_on),
            is_reversal: false,
            due,
            rate: self.rate(line),
        })
    }

    /// What takes a line back that was paid.
    pub fn taken_back(&self, it: &OpenReversal) -> Option<Work> {
        let pay = Pay { hour: it.hour_price, unit: it.unit_price };
        Some(Work {
            line_id: it.id,
            line_version: 1,
            project_id: it.project_id,
            task_type_id: it.task_type_id,
            work_on: it.work_on,
            minutes: -it.minutes,
            units: -it.units,
            due: self.due(it.project_id, it.work_on)?,
            is_late: false,
            is_reversal: true,
            rate: Some(AppliedRate { id: it.rate_id, pay, changed_later: false }),
        })
    }

    fn due(&self, project: ProjectId, on: NaiveDate) -> Option<Due> {
        let project = self.projects.get(&project)?;
        let calendar =
            self.terms.get(&project.id).map_or_else(|| Terms::usual(project.id).calendar, |it| it.calendar);
        Some(Due::of(&calendar, on, &project.currency, |due| self.approved.contains(due)))
    }

    fn rate(&self, line: &OpenLine) -> Option<AppliedRate> {
        let levels = self.levels.get(&(line.project_id, line.person_id));
        let level = levels
            .and_then(|levels| levels.iter().rev().find(|(from, _)| *from <= line.work_on))
            .and_then(|(_, level)| level.as_ref());
        let work = For { task_type_id: line.task_type_id, level, person_id: line.person_id };
        let book = self.books.get(&line.project_id)?;
        let rate = book.applying(work, line.work_on)?;
        let paid_by = self.tasks.get(&line.task_type_id)?;
        let pay = paid_by.of(rate.pay());
        // A rate that says nothing of what this work is paid by is none.
        paid_by.is_met_by(pay).then(|| AppliedRate {
            id: rate.id,
            pay,
            changed_later: book.has_changed_later(work, line.work_on, rate),
        })
    }
}

//! Many people with what their lines are judged by.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem::take;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{PersonId, ProjectId, TaskTypeId};
use domain::people::Zone;
use domain::project::{Project, TaskType, Terms};
use domain::rate::RateBook;
use domain::timesheet::{Line, Stints, Week};

use crate::db::{Db, DbError};
use crate::timesheet::around::{Around, Circle, Frame, Stay, Worked};
use crate::timesheet::service::AROUND;
use crate::timesheet::store::crowd::{self, Whom};
use crate::timesheet::store::line::Total;
use crate::timesheet::store::week::Said;

/// Projects as they are for everybody that lines of a file are of.
#[derive(Default)]
pub struct Grounds {
    pub frames: HashMap<ProjectId, Arc<Frame>>,
    pub tasks: Arc<Vec<TaskType>>,
    pub totals: HashMap<ProjectId, Total>,
    stays: HashMap<(PersonId, ProjectId), Stay>,
}

impl Grounds {
    pub async fn gather(db: &Db, projects: Vec<Project>) -> Result<Self, DbError> {
        let mut grounds = Self::default();
        let mut tasks = Vec::new();
        for project in projects {
            let id = project.id;
            tasks.extend(crowd::tasks(db, id).await?);
            for (person, starts_on, ends_on) in crowd::days(db, id).await? {
                grounds.stays.entry((person, id)).or_default().days = Some((starts_on, ends_on));
            }
            for (person, from, level) in crowd::levels(db, id).await? {
                grounds.stays.entry((person, id)).or_default().levels.push((from, level));
            }
            let total = crowd::total(db, id).await?.pop();
            grounds.totals.insert(id, total.unwrap_or_default());
            let terms = crowd::terms(db, id).await?.pop();
            let frame = Frame {
                terms: terms.unwrap_or_else(|| Terms::usual(id)),
                book: RateBook::new(crowd::rates(db, id).await?),
                project,
            };
            grounds.frames.insert(id, Arc::new(frame));
        }
        grounds.tasks = Arc::new(tasks);
        Ok(grounds)
    }
}

/// What there is of one person.
#[derive(Default)]
struct Own {
    turn: i64,
    lines: Vec<Line>,
    /// Minutes on other projects.
    elsewhere: HashMap<NaiveDate, i64>,
    /// From when until when on other projects, where it was said.
    clocked: Vec<(TaskTypeId, NaiveDate, Stints)>,
    retakes: HashMap<(TaskTypeId, NaiveDate), i64>,
}

/// Those whose lines are in a file.
pub struct Crowd {
    pub grounds: Grounds,
    own: BTreeMap<PersonId, Own>,
    pub weeks: HashMap<(PersonId, Week), Said>,
    pub called: HashMap<(ProjectId, String), Line>,
    pub now: DateTime<Utc>,
    pub for_staff: bool,
}

impl Crowd {
    /// Their turns are read first: whatever changes after that is seen by them.
    pub async fn gather(
        db: &Db,
        grounds: Grounds,
        people: &[PersonId],
        (first, last): (NaiveDate, NaiveDate),
        called: &HashMap<ProjectId, Vec<&str>>,
        (now, for_staff): (DateTime<Utc>, bool),
    ) -> Result<Self, DbError> {
        let mut own: BTreeMap<PersonId, Own> = people.iter().map(|id| (*id, Own::default())).collect();
        for (person, turn) in crowd::turns(db, people).await? {
            own.entry(person).or_default().turn = turn;
        }
        let whom = Whom { people, from: first - AROUND, until: last + AROUND };
        // What was reversed counts no more, and what was worked here is counted line by line.
        let mut reversed = HashSet::new();
        for it in crowd::reversed(db, whom).await? {
            reversed.insert(it.line_id);
            let own = own.entry(it.person_id).or_default();
            *own.retakes.entry((it.task_type_id, it.work_on)).or_default() += 1;
            *own.elsewhere.entry(it.work_on).or_default() -= it.minutes;
        }
        for project in grounds.frames.keys() {
            for line in crowd::lines(db, whom, *project).await? {
                if !reversed.contains(&line.id) {
                    let own = own.entry(line.person_id).or_default();
                    *own.elsewhere.entry(line.work_on).or_default() -= line.minutes;
                    own.lines.push(line);
                }
            }
        }
        for (person, on, minutes) in crowd::worked(db, whom).await? {
            *own.entry(person).or_default().elsewhere.entry(on).or_default() += minutes;
        }
        for it in crowd::clocked(db, whom).await? {
            if !reversed.contains(&it.id) && !grounds.frames.contains_key(&it.project_id) {
                let own = own.entry(it.person_id).or_default();
                own.clocked.push((it.task_type_id, it.work_on, it.stints));
            }
        }
        let mut by_name = HashMap::new();
        for (project, ids) in called {
            for line in crowd::called(db, *project, ids).await? {
                if let Some(id) = line.external_id.clone() {
                    by_name.insert((*project, id), line);
                }
            }
        }
        let weeks = crowd::weeks(db, whom).await?;
        let weeks = weeks.into_iter().map(|(person, week, said)| ((person, week), said)).collect();
        Ok(Self { grounds, own, weeks, called: by_name, now, for_staff })
    }

    /// Whether nobody's lines have changed since they were read.
    pub fn is_as_it_was(&self, turns: &[(PersonId, i64)]) -> bool {
        let as_it_was =
            |(person, turn): &(PersonId, i64)| self.own.get(person).is_some_and(|own| own.turn + 1 == *turn);
        turns.len() == self.own.len() && turns.iter().all(as_it_was)
    }

    /// In the order in which turns are taken.
    pub fn people(&self) -> Vec<PersonId> {
        self.own.keys().copied().collect()
    }

    /// Somebody by themselves. The sums of the projects are lent to them.
    pub fn step_out(&mut self, person: PersonId, zone: Zone) -> (Circle, Vec<Line>) {
        let mut nothing = Own::default();
        let own = self.own.get_mut(&person).unwrap_or(&mut nothing);
        let Own { turn: _, lines, elsewhere, clocked, retakes } = own;
        let (lines, elsewhere, retakes) = (take(lines), take(elsewhere), take(retakes));
        let mut worked = Worked::of(lines.iter().cloned());
        for (on, minutes) in elsewhere {
            worked.add_elsewhere(on, minutes);
        }
        for (task, on, stints) in take(clocked) {
            worked.clock_elsewhere(on, task, stints);
        }
        let around = |(id, frame): (&ProjectId, &Arc<Frame>)| {
            let around = Around {
                frame: Arc::clone(frame),
                stay: self.grounds.stays.get(&(person, *id)).cloned().unwrap_or_default(),
                total: self.grounds.totals.get(id).copied().unwrap_or_default(),
            };
            (*id, around)
        };
        let circle = Circle {
            person,
            for_staff: self.for_staff,
            zone,
            now: self.now,
            tasks: Arc::clone(&self.grounds.tasks),
            projects: self.grounds.frames.iter().map(around).collect(),
            worked,
            retakes,
        };
        (circle, lines)
    }

    /// The sums as they are with what was entered for them.
    pub fn step_in(&mut self, circle: &Circle) {
        let totals = circle.projects.iter().map(|(id, around)| (*id, around.total));
        self.grounds.totals.extend(totals);
    }
}

//! Whose work for a period may be missing, and reminding them of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, NaiveDate, Timelike};
use domain::Fault;
use domain::audit::Action;
use domain::ids::{BatchId, PersonId, ProjectId};
use domain::notice::NoticeKind;
use domain::people::{Permission, PersonName};
use domain::period::Period;
use domain::project::Terms;
use domain::timesheet::Week;
use serde_json::json;

use super::Payments;
use super::decide::tell;
use super::store;
use crate::Error;
use crate::act::Act;
use crate::db::Db;
use crate::notice::{self, New};

/// So many projects go into one question.
const AT_ONCE: usize = 200;

/// Before that, wherever a project is, nobody is reminded.
const MORNING: u32 = 8;

/// Somebody whose work may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub person: PersonId,
    pub name: PersonName,
    /// So many lines are entered and not submitted; none if nothing is entered at all.
    pub unsent: i64,
    /// A day of the first week that is not in.
    pub from: NaiveDate,
}

impl Missing {
    pub fn path(&self) -> String {
        format!("/timesheet?week={}", Week::of(self.from).monday())
    }

    fn sentence(&self, period: Period, cut_off: NaiveDate) -> String {
        let by = cut_off.format("%A, %-d %B");
        match self.unsent {
            0 => format!(
                "Nothing is entered for {period} yet. It is due by {by}; if you worked nothing, say so in each week."
            ),
            1 => format!("One line for {period} is entered and not submitted. It is due by {by}."),
            n => format!("{n} lines for {period} are entered and not submitted. They are due by {by}."),
        }
    }
}

/// Those who are on these projects in these days and have entered nothing, or not submitted what they have, by name. Who is
/// `done` has something in, and is only asked for what is not submitted.
pub(super) async fn missing(
    db: &Db,
    projects: &[ProjectId],
    period: Period,
    done: &HashSet<PersonId>,
) -> Result<Vec<Missing>, Error> {
    let mut missing: BTreeMap<(PersonName, PersonId), (i64, NaiveDate)> = BTreeMap::new();
    for (person, name, project, lines, first) in store::around::unsent(db, period).await? {
        if projects.contains(&project) {
            let so_far = missing.entry((name, person)).or_insert((0, first));
            *so_far = (so_far.0 + lines, so_far.1.min(first));
        }
    }
    let weeks: HashSet<_> = period.days().map(|day| Week::of(day).monday()).collect();
    let mut idle: HashMap<PersonId, usize> = HashMap::new();
    for (person, monday) in store::around::idle(db, period).await? {
        *idle.entry(person).or_default() += usize::from(weeks.contains(&monday));
    }
    for some in projects.chunks(AT_ONCE) {
        for (_, person, name, starts_on, ends_on) in store::around::assigned(db, some).await? {
            let here = starts_on.is_none_or(|day| day <= period.until)
                && ends_on.is_none_or(|day| day >= period.from);
            let was_idle = idle.get(&person).is_some_and(|count| *count >= weeks.len());
            if here && !done.contains(&person) && !was_idle {
                missing.entry((name, person)).or_insert((0, period.from));
            }
        }
    }
    let missing = missing.into_iter();
    Ok(missing.map(|((name, person), (unsent, from))| Missing { person, name, unsent, from }).collect())
}

impl Payments {
    /// Asks those whose work for a batch may be missing for it, once a day; answers how many they are.
    pub async fn remind(&self, act: &Act, id: BatchId) -> Result<usize, Error> {
        act.need(Permission::ApprovePay)?;
        let me = act.person()?;
        let whole = self.batch(act, id).await?;
        let (batch, missing) = (whole.batch, whole.ready.missing);
        if missing.is_empty() {
            return Err(Fault::conflict("Everything is in by now. Reload to see it.").into());
        }
        let today = me.zone.local(act.at).date_naive();
        let new = missing.iter().map(|it| New {
            person: it.person,
            kind: NoticeKind::Reminder,
            about: format!("{id}:{today}"),
            sentence: format!(
                "{} asks for your timesheet. {}",
                me.name,
                it.sentence(batch.period(), batch.cut_off_on)
            ),
            path: it.path(),
        });
        let mut tx = self.db.begin().await?;
        notice::tell(&mut tx, act, new.collect()).await?;
        let people: Vec<_> = missing.iter().map(|it| it.person).collect();
        tell(&mut tx, act, Action::PeopleReminded, &batch, json!({ "people": people })).await?;
        tx.commit().await?;
        Ok(missing.len())
    }
}

/// Tells those whose timesheets are due today or tomorrow and not in, once for each day they are due on; answers how many were
/// found.
pub(crate) async fn remind_all(db: &Db, act: &Act) -> Result<usize, Error> {
    let mut due: BTreeMap<(NaiveDate, NaiveDate, NaiveDate), Vec<ProjectId>> = BTreeMap::new();
    let running = store::around::running(db).await?;
    for some in running.chunks(AT_ONCE) {
        let terms: HashMap<_, _> =
            store::around::terms(db, some).await?.into_iter().map(|it| (it.project_id, it)).collect();
        for project in some {
            let terms = terms.get(project).cloned().unwrap_or_else(|| Terms::usual(*project));
            let local = terms.zone.local(act.at);
            if local.hour() < MORNING {
                continue;
            }
            let today = local.date_naive();
            for cut_off in [today, today + Days::new(1)] {
                let last = cut_off - Days::new(terms.calendar.cut_off_days.unsigned_abs());
                let period = terms.calendar.period_of(last);
                if period.until == last {
                    due.entry((cut_off, period.from, period.until)).or_default().push(*project);
                }
            }
        }
    }
    let mut found = 0;
    for ((cut_off, from, until), projects) in due {
        let period = Period { from, until };
        let done = store::around::submitted(db, period).await?.into_iter().collect();
        let missing = missing(db, &projects, period, &done).await?;
        found += missing.len();
        let new = missing.iter().map(|it| New {
            person: it.person,
            kind: NoticeKind::CutOffNear,
            about: format!("{from}:{cut_off}"),
            sentence: it.sentence(period, cut_off),
            path: it.path(),
        });
        let mut tx = db.begin().await?;
        notice::tell(&mut tx, act, new.collect()).await?;
        tx.commit().await?;
    }
    Ok(found)
}

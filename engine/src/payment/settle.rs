//! Batches that have changed are looked through: what is odd about them, and what their projects say of the days.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::ids::{PersonId, ProjectId, SubjectId, TaskTypeId};
use domain::payment::{
    Earlier, Finding, FindingKind, Marks, Share, Spread, Thresholds, of_batch, of_held_account, of_pace,
    of_payment, of_shared_account,
};
use domain::period::{Calendar, Period};
use domain::project::{TaskType, Terms};

use super::Payments;
use super::store;
use super::store::batch::Batch;
use super::store::finding::Found;
use super::store::look::Payment;
use crate::Error;
use crate::act::Act;

/// A pace is judged by so many weeks before; a total by so many batches.
const WEEKS: u64 = 8;
const BATCHES: usize = 6;

/// A period is as long as another, give or take the days by which months differ.
const SAME_LENGTH: i64 = 3;

/// What is said, and of whom.
type Said = Vec<(SubjectId, Finding)>;

impl Payments {
    /// Looks through every batch that has changed since it was last.
    pub(super) async fn settle(&self, act: &Act) -> Result<(), Error> {
        // What changes while we look is looked through the next time.
        for batch in store::batch::unsettled(&self.db, act.at).await? {
            self.settle_one(&batch, act.at).await?;
        }
        Ok(())
    }

    async fn settle_one(&self, batch: &Batch, at: DateTime<Utc>) -> Result<(), Error> {
        let (thresholds, _) = store::batch::thresholds(&self.db).await?;
        let payments = store::look::payments(&self.db, batch.id).await?;
        let projects = store::look::projects(&self.db, batch.id).await?;
        let terms = self.terms_of(&projects).await?;
        let day = |of: fn(&Calendar, Period) -> NaiveDate| {
            terms
                .iter()
                .map(|terms| of(&terms.calendar, batch.period()))
                .max()
                .unwrap_or(batch.period().until)
        };
        let days = (day(Calendar::cut_off), day(Calendar::pay_on));

        let tasks = store::around::tasks(&self.db, &projects).await?;
        let mut found = self.by_payment(batch, &payments, &thresholds).await?;
        let (by_account, look_again_at) = self.by_account(batch, at).await?;
        found.extend(by_account);
        found.extend(self.by_pace(batch, &tasks, &thresholds).await?);
        found.extend(self.by_total(batch, &payments, &thresholds).await?.map(|it| (batch.id.into(), it)));
        let before = store::finding::of(&self.db, batch.id).await?;
        let stays =
            |it: &Found| found.iter().any(|(subject, now)| *subject == it.subject_id && now.kind == it.kind);
        let gone: Vec<_> = before.iter().filter(|it| !stays(it)).map(|it| (it.subject_id, it.kind)).collect();
        let is_new = |(subject, now): &(SubjectId, Finding)| {
            !before.iter().any(|it| {
                it.subject_id == *subject
                    && it.kind == now.kind
                    && it.sentence == now.sentence
                    && it.baseline == now.baseline
            })
        };
        found.retain(is_new);

        let mut tx = self.db.begin().await?;
        store::due::take_turn(&mut tx).await?;
        let now = store::batch::by_id_in(&mut tx, batch.id).await?;
        if !now.is_some_and(|now| now.is_open() && now.version == batch.version) {
            return Ok(());
        }
        store::finding::delete(&mut tx, batch.id, &gone).await?;
        store::finding::put(&mut tx, batch.id, &found).await?;
        store::batch::settle(&mut tx, batch, &projects, days, look_again_at).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn terms_of(&self, projects: &[ProjectId]) -> Result<Vec<Terms>, Error> {
        let mut set: HashMap<_, _> = store::around::terms(&self.db, projects)
            .await?
            .into_iter()
            .map(|terms| (terms.project_id, terms))
            .collect();
        let of = |id: &ProjectId| set.remove(id).unwrap_or_else(|| Terms::usual(*id));
        Ok(projects.iter().map(of).collect())
    }

    async fn by_payment(
        &self,
        batch: &Batch,
        payments: &[Payment],
        thresholds: &Thresholds,
    ) -> Result<Vec<(SubjectId, Finding)>, Error> {
        let mut before: HashMap<PersonId, Vec<i64>> = HashMap::new();
        for (person, minor) in store::finding::paid_before(&self.db, batch.id, &batch.currency).await? {
            before.entry(person).or_default().push(minor);
        }
        let anybody =
            !store::finding::totals_before(&self.db, &batch.currency, batch.period().from).await?.is_empty();
        let mut found = Vec::new();
        for payment in payments {
            let marks: Marks = serde_json::from_str(&payment.marks)?;
            let total = Share {
                lines: payment.lines,
                minutes: payment.minutes,
                units: payment.units,
                minor: payment.minor,
            };
            let earlier = before.get(&payment.person_id).map_or(&[][..], Vec::as_slice);
            let earlier = Earlier { payments: earlier, anybody };
            let of_one = of_payment(total, &marks, &batch.currency, earlier, thresholds);
            found.extend(of_one.into_iter().map(|it| (payment.person_id.into(), it)));
        }
        Ok(found)
    }

    /// Where people are paid to; and when a hold ends, after which something else is to be said.
    async fn by_account(
        &self,
        batch: &Batch,
        at: DateTime<Utc>,
    ) -> Result<(Said, Option<DateTime<Utc>>), Error> {
        let mut shared: BTreeMap<PersonId, (String, Vec<String>)> = BTreeMap::new();
        for (person, shown, other) in store::account::shared(&self.db, batch.id, at).await? {
            shared.entry(person).or_insert_with(|| (shown, Vec::new())).1.push(other.to_string());
        }
        let of_shared = |(person, (shown, others)): (PersonId, (String, Vec<String>))| {
            (person.into(), of_shared_account(&shown, &others))
        };
        let mut found: Said = shared.into_iter().map(of_shared).collect();
        let held = store::account::held(&self.db, batch.id, at).await?;
        let look_again_at = held.iter().map(|it| it.counts_from).min();
        for it in held {
            let said = of_held_account(&it.shown, &it.entered_by, it.entered_at, it.counts_from);
            found.push((it.person_id.into(), said));
        }
        Ok((found, look_again_at))
    }

    /// Units an hour, against all who do the same task in this batch and against the weeks before.
    async fn by_pace(
        &self,
        batch: &Batch,
        tasks: &[TaskType],
        thresholds: &Thresholds,
    ) -> Result<Vec<(SubjectId, Finding)>, Error> {
        let mut by_task: BTreeMap<TaskTypeId, Vec<(PersonId, f64)>> = BTreeMap::new();
        for it in store::finding::paces(&self.db, batch.id).await? {
            by_task.entry(it.task_type_id).or_default().push((it.person_id, pace(it.minutes, it.units)));
        }
        let since = batch.period().from - Days::new(7 * WEEKS + 6);
        let mut own: HashMap<(PersonId, TaskTypeId), Vec<f64>> = HashMap::new();
        for (person, task, minutes, units) in store::finding::weeks_before(&self.db, batch.id, since).await? {
            own.entry((person, task)).or_default().push(pace(minutes, units));
        }
        let mut found: HashMap<(SubjectId, FindingKind), Finding> = HashMap::new();
        // One finding of a kind for each person, however many tasks it is about.
        let mut say = |person: PersonId, it: Finding| match found.entry((person.into(), it.kind)) {
            Entry::Vacant(place) => drop(place.insert(it)),
            Entry::Occupied(mut other) => {
                let other = other.get_mut();
                other.sentence = format!("{} {}", other.sentence, it.sentence);
            }
        };
        for (task, people) in by_task {
            let Some(task) = tasks.iter().find(|it| it.id == task) else { continue };
            let unit = task.unit.as_ref().map_or_else(|| "units".to_owned(), ToString::to_string);
            let all: Vec<_> = people.iter().map(|(_, pace)| *pace).collect();
            let peers = Spread::of(&all);
            for (person, pace) in people {
                let name = task.name.as_str();
                let against =
                    |kind, others: Option<Spread>| of_pace(kind, name, &unit, pace, others?, thresholds);
                let before = own.get(&(person, task.id)).and_then(|paces| Spread::of(paces));
                let odd = [against(FindingKind::PacePeers, peers), against(FindingKind::PaceOwn, before)];
                odd.into_iter().flatten().for_each(|it| say(person, it));
            }
        }
        Ok(found.into_iter().map(|((person, _), it)| (person, it)).collect())
    }

    async fn by_total(
        &self,
        batch: &Batch,
        payments: &[Payment],
        thresholds: &Thresholds,
    ) -> Result<Option<Finding>, Error> {
        let length = |from: NaiveDate, until: NaiveDate| (until - from).num_days();
        let period = batch.period();
        let before = store::finding::totals_before(&self.db, &batch.currency, period.from).await?;
        let as_long = |(from, until, _): &&(NaiveDate, NaiveDate, i64)| {
            (length(*from, *until) - length(period.from, period.until)).abs() <= SAME_LENGTH
        };
        let before: Vec<_> = before.iter().filter(as_long).take(BATCHES).map(|it| it.2).collect();
        let total = payments.iter().filter(|it| it.held_for.is_none()).map(|it| it.pay_minor).sum();
        Ok(of_batch(total, &before, &batch.currency, thresholds))
    }
}

fn pace(minutes: i64, units: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a pace is no money")]
    let pace = units as f64 * 60.0 / minutes as f64;
    pace
}

//! Payments are computed anew for everybody whose lines have changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ids::{BatchId, PaymentId, PersonId};
use domain::payment::{self, Draft, Due};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Payments;
use super::around::Around;
use super::store;
use super::store::due::DuePerson;
use super::store::payment::{Change, Standing, Written};
use crate::Error;
use crate::act::Act;
use crate::db::Tx;

/// So many people are asked for at once; so many lines share a transaction, unless they are one person's: others write
/// meanwhile.
const PEOPLE: i64 = 500;
const PEOPLE_AT_ONCE: usize = 200;
const LINES_AT_ONCE: i64 = 4_000;

/// What came of consolidating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consolidated {
    pub people: usize,
    pub changed: usize,
}

/// The payments of one person as they should be.
struct Computed {
    person: PersonId,
    drafts: BTreeMap<Due, Draft>,
}

impl Payments {
    /// Computes the payments of everybody who is due, and looks through the batches that have changed. However often and
    /// in whatever order this is done, the same comes of it; what changes meanwhile is done the next time.
    pub async fn consolidate(&self, act: &Act) -> Result<Consolidated, Error> {
        let mut all = Consolidated::default();
        let mut after = PersonId(Uuid::nil());
        loop {
            // In this order: whatever changes after it was read leaves another mark, or another count.
            let approvals = store::due::approvals(&self.db).await?;
            let due = store::due::next(&self.db, after, PEOPLE).await?;
            let Some(last) = due.last() else { break };
            after = last.person_id;
            let mut around = Around::new(&self.db).await?;
            for some in together(&due) {
                let changed = self.compute(act, &mut around, approvals, some).await?;
                all.people += some.len();
                all.changed += changed;
            }
        }
        self.settle(act).await?;
        Ok(all)
    }

    async fn compute(
        &self,
        act: &Act,
        around: &mut Around,
        approvals: i64,
        due: &[DuePerson],
    ) -> Result<usize, Error> {
        let people: Vec<_> = due.iter().map(|due| due.person_id).collect();
        let lines = store::around::open_lines(&self.db, &people).await?;
        let reversals = store::around::open_reversals(&self.db, &people).await?;
        let projects = lines.iter().map(|it| it.project_id).chain(reversals.iter().map(|it| it.project_id));
        around.know(&self.db, projects).await?;
        let mut works: HashMap<PersonId, Vec<_>> = HashMap::new();
        for line in &lines {
            works.entry(line.person_id).or_default().extend(around.work(line));
        }
        for it in &reversals {
            works.entry(it.person_id).or_default().extend(around.taken_back(it));
        }
        let mut owed: HashMap<PersonId, BTreeMap<_, _>> = HashMap::new();
        for (person, currency, minor) in store::around::open_carries(&self.db, &people).await? {
            owed.entry(person).or_default().insert(currency, minor);
        }
        let compute = |person: &PersonId| Computed {
            person: *person,
            drafts: payment::consolidate(
                works.remove(person).unwrap_or_default(),
                &owed.remove(person).unwrap_or_default(),
            ),
        };
        let computed: Vec<_> = people.iter().map(compute).collect();

        let mut tx = self.db.begin().await?;
        if store::due::take_turn(&mut tx).await? != approvals {
            // A batch was approved meanwhile: what was computed may be of it.
            return Ok(0);
        }
        let same = store::due::still(&mut tx, due).await?;
        let standing = store::payment::standing(&mut tx, &same).await?;
        let computed: Vec<_> =
            computed.into_iter().filter(|computed| same.contains(&computed.person)).collect();
        let changed = write(&mut tx, act, &computed, &standing).await?;
        store::due::done(&mut tx, &same).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

/// Writes what is not as it stands; answers how many payments that are.
async fn write(tx: &mut Tx, act: &Act, computed: &[Computed], standing: &[Standing]) -> Result<usize, Error> {
    let mut stands: HashMap<(PersonId, Due), &Standing> =
        standing.iter().map(|it| ((it.person_id, it.due()), it)).collect();
    let mut fresh = Vec::new();
    for Computed { person, drafts } in computed {
        for (due, draft) in drafts {
            let digest = Sha256::digest(draft.written()).to_vec();
            let marks = serde_json::to_string(&draft.marks)?;
            let before = stands.remove(&(*person, due.clone()));
            if before.is_some_and(|before| before.digest == digest && before.marks == marks) {
                continue;
            }
            fresh.push((*person, due, draft, digest, marks, before));
        }
    }
    let gone: Vec<_> = stands.into_values().collect();
    if fresh.is_empty() && gone.is_empty() {
        return Ok(0);
    }
    // In one order, whoever does it.
    let dues: BTreeSet<_> = fresh.iter().map(|it| it.1).collect();
    let mut batches: BTreeMap<&Due, BatchId> = BTreeMap::new();
    for due in dues {
        batches.insert(due, store::batch::open(tx, due, BatchId(act.world.id())).await?);
    }
    let touched: BTreeSet<_> = batches.values().copied().chain(gone.iter().map(|it| it.batch_id)).collect();
    let mut versions = HashMap::new();
    for batch in touched {
        versions.insert(batch, store::batch::touch(tx, batch).await?);
    }
    let mut emptied: Vec<_> = fresh.iter().filter_map(|it| it.5).map(|before| before.id).collect();
    emptied.extend(gone.iter().map(|it| it.id));
    store::payment::empty(tx, &emptied).await?;
    store::payment::delete(tx, &gone.iter().map(|it| it.id).collect::<Vec<_>>()).await?;

    let mut changes = Vec::new();
    let version = |batch: &BatchId| versions.get(batch).copied().unwrap_or_default();
    for it in &gone {
        changes.push(Change {
            batch_id: it.batch_id,
            version: version(&it.batch_id),
            person_id: it.person_id,
            lines: (it.lines, 0),
            minor: (it.minor, 0),
        });
    }
    let mut written = Vec::new();
    for (person_id, due, draft, digest, marks, before) in fresh {
        let Some(batch_id) = batches.get(due).copied() else { continue };
        changes.push(Change {
            batch_id,
            version: version(&batch_id),
            person_id,
            lines: (before.map_or(0, |it| it.lines), draft.total.lines),
            minor: (before.map_or(0, |it| it.minor), draft.pays()),
        });
        let id = before.map_or_else(|| PaymentId(act.world.id()), |it| it.id);
        written.push(Written { id, batch_id, person_id, draft, digest, marks });
    }
    store::payment::write(tx, &written).await?;
    store::payment::note_changes(tx, &changes, act.at).await?;
    Ok(changes.len())
}

/// Those who share a transaction.
fn together(due: &[DuePerson]) -> impl Iterator<Item = &[DuePerson]> {
    let mut rest = due;
    std::iter::from_fn(move || {
        let mut lines = 0;
        let fits = |person: &&DuePerson| {
            lines += person.lines;
            lines <= LINES_AT_ONCE
        };
        let count = rest.iter().take(PEOPLE_AT_ONCE).take_while(fits).count();
        let (some, others) = rest.split_at(count.max(1).min(rest.len()));
        rest = others;
        (!some.is_empty()).then_some(some)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_with_many_lines_are_written_alone() {
        let due = |lines| DuePerson { person_id: PersonId(Uuid::nil()), mark: Uuid::nil(), lines };
        let all = [due(9_000), due(10), due(3_990), due(1), due(0)];
        let sizes: Vec<_> = together(&all).map(<[_]>::len).collect();
        assert_eq!(sizes, [1, 2, 2]);
        assert_eq!(together(&[]).count(), 0);
    }
}

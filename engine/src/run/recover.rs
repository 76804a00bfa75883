//! Finding again what was lost with its worker.

use chrono::{DateTime, Utc};
use domain::run::{DeadReason, RunState, poison};

use super::change;
use super::store::{self, DeadLetter, Ending, Event, Lost};
use super::tally::Tally;
use crate::Error;
use crate::db::{Db, Tx};
use crate::errand;
use crate::review;
use crate::world::World;

/// How many are taken back in one transaction.
const AT_ONCE: i64 = 256;

/// Makes tasks whose worker was not heard of in time claimable again, and gives those up that take their workers down.
/// Answers with how many there were.
pub async fn recover(db: &Db, world: &World) -> Result<usize, Error> {
    let mut all = 0;
    loop {
        let mut tx = db.begin().await?;
        let at = tx.clock(world).await?;
        let lost = store::lost(&mut tx, at, AT_ONCE).await?;
        if lost.is_empty() {
            return Ok(all);
        }
        let runs: Vec<_> = lost.iter().map(|lost| lost.run_id).collect();
        store::put_back(&mut tx, &runs, RunState::Pending).await?;
        let events: Vec<_> = lost.iter().map(|lost| event(world, lost, at)).collect();
        store::insert_events(&mut tx, &events).await?;
        give_up(&mut tx, lost.iter().filter(|lost| poison(lost.crashes)), at).await?;
        tx.commit().await?;
        all += lost.len();
        tracing::warn!(runs = lost.len(), "the worker of some runs was lost; others go on with them");
    }
}

/// What became of errands whose programs were not heard of in time.
#[derive(Default)]
pub struct LostErrands {
    pub offered_again: u64,
    pub given_up: usize,
}

/// Offers errands again whose programs were not heard of in time, and gives those up that take their programs down.
pub async fn recover_errands(db: &Db, world: &World) -> Result<LostErrands, Error> {
    let mut all = LostErrands::default();
    let at = loop {
        let mut tx = db.begin().await?;
        let at = tx.clock(world).await?;
        let some = errand::offer_again(&mut tx, at, AT_ONCE).await?;
        tx.commit().await?;
        all.offered_again += some;
        if some == 0 {
            break at;
        }
    };
    // Each by itself, its task first: whoever ends an errand does so, too.
    for (id, run) in errand::poisonous(db, at, AT_ONCE).await? {
        let mut tx = db.begin().await?;
        change::wake(&mut tx, run, at).await?;
        errand::give_up_poisonous(&mut tx, id, at).await?;
        tx.commit().await?;
        all.given_up += 1;
    }
    Ok(all)
}

fn event(world: &World, lost: &Lost, at: DateTime<Utc>) -> Event {
    let worker = lost.worker.as_deref().unwrap_or("somebody");
    let then = if poison(lost.crashes) {
        "It is not tried again: it was the third in a row."
    } else {
        "Somebody else goes on after the last checkpoint."
    };
    Event {
        run_id: lost.run_id,
        id: world.id(),
        at,
        kind: "lost".to_owned(),
        actor_name: String::new(),
        detail: format!("The worker {worker} was not heard of in time. {then}"),
    }
}

async fn give_up(tx: &mut Tx, lost: impl Iterator<Item = &Lost>, at: DateTime<Utc>) -> Result<(), Error> {
    let poisonous: Vec<_> = lost.collect();
    let runs: Vec<_> = poisonous.iter().map(|lost| lost.run_id).collect();
    let known = store::hold_runs(tx, &runs).await?;
    let error = |lost: &Lost| {
        format!("Its worker was lost {} times in a row without any progress in between.", lost.crashes)
    };
    let ending = |lost: &&Lost| Ending {
        run_id: lost.run_id,
        lease_epoch: lost.lease_epoch,
        state: RunState::Failed,
        output: None,
        error: Some(error(lost)),
    };
    let letters: Vec<_> = poisonous
        .iter()
        .filter_map(|lost| {
            let known = known.iter().find(|known| known.id == lost.run_id)?;
            let letter = DeadLetter::between_steps(lost.run_id, known.workflow_id, error(lost), at);
            Some(DeadLetter { reason: DeadReason::Poison, attempts: lost.crashes, ..letter })
        })
        .collect();
    store::end(tx, &poisonous.iter().map(ending).collect::<Vec<_>>(), at).await?;
    let parents: Vec<_> = known.iter().filter_map(|run| run.parent_id).collect();
    store::wake_parents(tx, &parents, at).await?;
    store::bury(tx, &letters.iter().collect::<Vec<_>>()).await?;
    store::drop_tasks(tx, &runs).await?;
    review::withdraw(tx, &runs).await?;
    errand::withdraw(tx, &runs).await?;
    let mut tally = Tally::default();
    for run in &known {
        tally.run(run.workflow_id, RunState::Failed, run.created_at, at);
        tally.dead(run.workflow_id, "", at);
    }
    Ok(tally.write(tx, "recovery").await?)
}

//! What starts because something has changed.

use domain::people::Role;

use super::*;
use crate::job::apply_built_in;
use crate::payment::Payments;
use crate::run::demand::{Chore, Demand};
use crate::testing::house::House;

/// Enters a day of work and submits its week.
async fn submit(house: &House) {
    let bob = house.join("Bob", Role::Annotator).await;
    let (_, task) = house.project("acme-1", &["bob"]).await;
    house.submit(&bob, task, &[(house.week().1, "3")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_submitted_is_consolidated_by_a_run_of_its_own() {
    on_both(async |db| {
        let house = House::new(db.clone());
        let floor = Floor { runs: Runs::new(db.clone()), world: house.world.clone() };
        apply_built_in(&Workflows::new(db.clone()), &floor.world).await.unwrap();
        let pool = floor.pool("w1");
        // Nothing is started for nothing.
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(floor.runs.list(&floor.act(), &Wanted::default(), None, 10).await.unwrap().rows.len(), 0);
        submit(&house).await;
        let payments = Payments::new(db.clone());
        let mut minor = 0;
        for _ in 0..1_000 {
            let batches = payments.batches(&floor.act(), None, 10).await.unwrap().rows;
            minor = batches.iter().map(|it| it.minor).sum();
            if minor > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(minor, 6_000);
        let runs = floor.runs.list(&floor.act(), &Wanted::default(), None, 10).await.unwrap().rows;
        assert_eq!(runs.len(), 1);
        assert_eq!(floor.ended(runs[0].id).await.run.state, RunState::Success);
        assert!(pool.stop(Duration::from_secs(5)).await);
    })
    .await;
}

#[tokio::test]
async fn one_that_has_failed_is_not_started_over_and_over() {
    on_both(async |db| {
        let house = House::new(db.clone());
        let floor = Floor { runs: Runs::new(db.clone()), world: house.world.clone() };
        // A consolidation of their own, which does nothing.
        let own = "name: consolidation\nsteps:\n  one: {rule: {reject: {when: 'true', because: No.}}}\n";
        Workflows::new(db.clone()).apply(&floor.act(), own, None).await.unwrap();
        submit(&house).await;
        let mut demand = Demand::new(Chore::Consolidation);
        let first = floor.runs.start_wanted(&floor.world, &mut demand).await.unwrap();
        assert!(first < Duration::from_secs(1));
        let run = floor.runs.list(&floor.act(), &Wanted::default(), None, 10).await.unwrap().rows[0].id;
        let pool = floor.pool("w1");
        assert_eq!(floor.ended(run).await.run.state, RunState::Failed);
        pool.stop(Duration::from_secs(5)).await;
        let next = floor.runs.start_wanted(&floor.world, &mut demand).await.unwrap();
        assert!(next >= Duration::from_secs(30), "it is left alone for a while");
    })
    .await;
}

use domain::audit::Action;

use super::store::{self, Claim};
use super::*;
use crate::audit::{Audit, Filter};

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_is_over_for_whoever_works_on_it() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let run = floor.start("chain", json!({ "n": 1 })).await;
        // Somebody has it, and is slow.
        let mut tx = db.begin().await.unwrap();
        let at = tx.clock(&floor.world).await.unwrap();
        let claim = Claim { worker: "slow", at, until: at + chrono::TimeDelta::minutes(1), limit: 1 };
        assert_eq!(store::claim(&mut tx, claim).await.unwrap().len(), 1);
        tx.commit().await.unwrap();

        floor.runs.cancel(&floor.act(), run).await.unwrap();
        let whole = floor.whole(run).await;
        assert_eq!(
            (whole.run.state, whole.run.error.as_deref()),
            (RunState::Cancelled, Some("Cancelled by test."))
        );
        let again = floor.runs.cancel(&floor.act(), run).await.unwrap_err().into_fault();
        assert!(again.message.contains("ended already: cancelled"), "{again:?}");

        // Tried again, it has an epoch the slow one cannot name.
        floor.runs.retry(&floor.act(), run, None).await.unwrap();
        let pool = floor.pool("w");
        let whole = floor.ended(run).await;
        assert_eq!((whole.run.state, whole.run.lease_epoch), (RunState::Success, 2));
        let kinds: Vec<_> = whole.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["cancelled", "retried"]);
        pool.stop(Duration::from_secs(5)).await;

        let audit = Audit::new(db.clone());
        for action in [Action::RunCancelled, Action::RunRetried] {
            let filter = Filter { action: Some(action.word().to_owned()), ..Filter::default() };
            let lines = audit.page(&floor.act(), &filter, 10).await.unwrap();
            assert_eq!(lines.rows.len(), 1, "{action}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_tried_again_from_any_step_with_what_was_found_before() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let pool = floor.pool("w");
        let run = floor.ended(floor.start("chain", json!({ "n": 1 })).await).await.run.id;
        let whole = async |from: Option<&str>| floor.runs.retry(&floor.act(), run, from).await;
        let fault = whole(None).await.unwrap_err().into_fault();
        assert_eq!(fault.fields[0].field, "from");
        assert!(whole(Some("four")).await.unwrap_err().into_fault().fields[0].message.contains("four"));

        whole(Some("two")).await.unwrap();
        let again = floor.ended(run).await;
        let mut tried = tried(&again);
        tried.sort();
        let expected = [("one", 1), ("three", 1), ("three", 2), ("two", 1), ("two", 2)];
        assert_eq!(tried, expected.map(|(step, number)| (step.to_owned(), number, "success")));
        let superseded: Vec<_> = again.attempts.iter().filter(|attempt| attempt.superseded).collect();
        assert_eq!(superseded.len(), 2);
        assert!(superseded.iter().all(|attempt| attempt.number == 1));

        let new = floor.runs.rerun(&floor.act(), run).await.unwrap();
        let new = floor.ended(new).await;
        assert_eq!((new.run.origin_id, new.run.output.clone()), (Some(run), again.run.output));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

use domain::FaultKind;
use domain::audit::Action;
use domain::payment::FindingKind;
use domain::timesheet::LineState;

use super::*;
use crate::audit::{Audit, Filter};
use crate::rate::{RateDraft, Rates};
use crate::{on_db, run_tx};

async fn states(house: &House) -> Vec<LineState> {
    on_db!(&house.db, c => sqlx::query_scalar("SELECT state FROM timesheet_line ORDER BY work_on, id").fetch_all(c).await)
        .unwrap()
}

async fn approve(house: &House, act: &Act, whole: &Whole) -> Result<Outcome, String> {
    let act = house.again(act);
    let done = house.payments().approve(&act, whole.batch.id, &whole.digest).await;
    done.map_err(|error| error.into_fault().message)
}

#[tokio::test]
async fn what_was_shown_is_approved_once_and_stays() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, _, mara, task) = month(&house).await;
        let whole = house.only_batch().await;
        assert_eq!(approve(&house, &mara, &whole).await, Ok(Outcome::Approved));
        assert_eq!(states(&house).await, [LineState::Approved; 3]);
        let after = house.only_batch().await;
        assert!(!after.batch.is_open());
        assert_eq!((after.digest.as_str(), after.minor), (whole.digest.as_str(), 34_333));
        assert_eq!(after.approvals.len(), 1);
        assert!(approve(&house, &mara, &whole).await.unwrap_err().contains("approved already"));

        // Neither a rate nor anything else changes it any more.
        let project = whole.payments[0].id;
        let rates = Rates::new(house.projects.clone());
        let id =
            on_db!(&house.db, c => sqlx::query_scalar("SELECT id FROM project").fetch_one(c).await).unwrap();
        let rate =
            RateDraft { from_on: "2026-01-01".into(), hour_price: "99".into(), ..RateDraft::default() };
        rates.write(&house.now(), id, &rate).await.unwrap();
        house.consolidate().await;
        assert_eq!(house.only_batch().await.digest, whole.digest);
        for statement in [
            "UPDATE timesheet_line SET minutes = 1",
            "DELETE FROM timesheet_line",
            "UPDATE payment SET minor = 1",
            "DELETE FROM payment",
            "UPDATE payment_line SET minor = 1",
            "DELETE FROM payment_line",
            "UPDATE pay_batch SET state = 'open'",
        ] {
            let mut tx = house.db.begin().await.unwrap();
            let refused = run_tx!(tx, sqlx::query(statement));
            assert!(refused.unwrap_err().to_string().contains("never changed"), "{statement}");
        }
        assert!(house.payments().hold(&house.again(&mara), project, "Too late").await.is_err());

        // What comes for the same month later is paid with the next one, and said to be late.
        house.submit(&ann, task, &[(monday() + Days::new(14), "1")]).await;
        house.consolidate().await;
        let all = house.payments().batches(&house.system, None, 10).await.unwrap().rows;
        assert_eq!(all.len(), 2);
        let next = house.payments().batch(&house.now(), all[0].batch.id).await.unwrap();
        assert_eq!(next.batch.period().to_string(), "1 to 31 October 2026");
        let kinds: Vec<_> = next.found.iter().map(|it| it.kind).collect();
        assert!(kinds.contains(&FindingKind::Late), "{kinds:?}");
        assert!(approve(&house, &mara, &next).await.unwrap_err().contains("31 October"));
    })
    .await;
}

#[tokio::test]
async fn what_has_changed_since_is_not_approved() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, _, mara, task) = month(&house).await;
        let whole = house.only_batch().await;
        // Nobody has consolidated it yet: approving does.
        house.submit(&ann, task, &[(monday() + Days::new(7), "1")]).await;
        assert!(approve(&house, &mara, &whole).await.unwrap_err().contains("has changed"));
        assert!(states(&house).await.iter().all(|state| *state == LineState::Submitted));
        let now = house.only_batch().await;
        assert_eq!(approve(&house, &mara, &now).await, Ok(Outcome::Approved));
    })
    .await;
}

#[tokio::test]
async fn a_line_that_changes_behind_the_payment_stops_the_approval() {
    on_both(async |db| {
        let house = House::new(db);
        let (_, _, mara, _) = month(&house).await;
        let whole = house.only_batch().await;
        // As if somebody had changed it between the last look and the approval.
        let mut tx = house.db.begin().await.unwrap();
        run_tx!(
            tx,
            sqlx::query("UPDATE timesheet_line SET minutes = 1, version = version + 1 WHERE minutes = 100")
        )
        .unwrap();
        tx.commit().await.unwrap();
        assert!(approve(&house, &mara, &whole).await.unwrap_err().contains("has changed"));
        assert!(states(&house).await.iter().all(|state| *state == LineState::Submitted));
        assert!(house.only_batch().await.batch.is_open());
    })
    .await;
}

#[tokio::test]
async fn what_is_odd_is_decided_before() {
    on_both(async |db| {
        let house = House::new(db);
        let (_, _, mara, _) = month(&house).await;
        let id =
            on_db!(&house.db, c => sqlx::query_scalar("SELECT id FROM project").fetch_one(c).await).unwrap();
        let rate =
            RateDraft { from_on: "2026-09-01".into(), hour_price: "30".into(), ..RateDraft::default() };
        Rates::new(house.projects.clone()).write(&house.now(), id, &rate).await.unwrap();
        house.consolidate().await;
        let whole = house.only_batch().await;
        assert_eq!(whole.open, 2);
        assert!(approve(&house, &mara, &whole).await.unwrap_err().contains("2 still need you"));

        let (payments, act) = (house.payments(), house.again(&mara));
        let Found { subject_id, kind, sentence, .. } = whole.found[0].clone();
        let stale = payments
            .accept(&act, whole.batch.id, subject_id, &[(kind, "It was otherwise.".into())], "Agreed")
            .await;
        assert_eq!(stale.unwrap_err().into_fault().kind, FaultKind::Conflict);
        let no_reason =
            payments.accept(&act, whole.batch.id, subject_id, &[(kind, sentence.clone())], " ").await;
        assert_eq!(no_reason.unwrap_err().into_fault().fields[0].field, "reason");
        payments
            .accept(&act, whole.batch.id, subject_id, &[(kind, sentence)], "Agreed with the client")
            .await
            .unwrap();
        // What was decided is part of what is approved.
        let one_left = house.only_batch().await;
        assert_ne!(one_left.digest, whole.digest);
        assert_eq!(one_left.open, 1);

        // The other one is held, and so is paid with the next month.
        let other = one_left.found.iter().find(|it| it.accepted_for.is_none()).unwrap().subject_id;
        let held =
            one_left.payments.iter().find(|it| SubjectId::from(it.person_id) == other).unwrap().clone();
        payments.hold(&act, held.id, "Waiting for the client").await.unwrap();
        let whole = house.only_batch().await;
        assert_eq!((whole.open, whole.people, whole.held), (0, 1, 1));
        assert_eq!(approve(&house, &mara, &whole).await, Ok(Outcome::Approved));
        house.consolidate().await;
        let all = payments.batches(&house.system, None, 10).await.unwrap().rows;
        let next = payments.batch(&house.now(), all[0].batch.id).await.unwrap();
        assert_eq!(next.batch.period().to_string(), "1 to 31 October 2026");
        assert_eq!(
            next.payments.iter().map(|it| (it.person_id, it.minor)).collect::<Vec<_>>(),
            [(held.person_id, held.minor)]
        );
        let filter = Filter { action: Some(Action::BatchApproved.to_string()), ..Filter::default() };
        assert_eq!(
            Audit::new(house.db.clone()).page(&house.system, &filter, 10).await.unwrap().rows.len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_approves_their_own_pay_alone() {
    on_both(async |db| {
        let house = House::new(db);
        let (_, _, mara, task) = month(&house).await;
        let max = house.join("Max", Role::Manager).await;
        let id =
            on_db!(&house.db, c => sqlx::query_scalar("SELECT id FROM project").fetch_one(c).await).unwrap();
        house.projects.set_member(&house.now(), id, "mara@example.com", "annotator").await.unwrap();
        house.submit(&mara, task, &[(monday() + Days::new(7), "1")]).await;
        house.consolidate().await;
        let whole =
            house.payments().batch(&house.again(&mara), house.only_batch().await.batch.id).await.unwrap();
        assert_eq!(whole.stakes, Stakes { own_pay: true, ..Stakes::default() });
        assert_eq!(approve(&house, &mara, &whole).await, Ok(Outcome::NeedsAnother));
        assert_eq!(
            approve(&house, &mara, &whole).await,
            Ok(Outcome::NeedsAnother),
            "however often they say so"
        );
        assert!(house.only_batch().await.batch.is_open());
        assert_eq!(house.only_batch().await.approvals.len(), 1);
        let own = whole.payments.iter().find(|it| it.person_name.as_str() == "Mara").unwrap();
        assert!(house.payments().hold(&house.again(&mara), own.id, "no").await.is_err());
        assert_eq!(approve(&house, &max, &whole).await, Ok(Outcome::Approved));
        assert_eq!(house.only_batch().await.approvals.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn whoever_wrote_a_rate_needs_somebody_else_and_who_approved_something_else_does_not_count() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, _, mara, task) = month(&house).await;
        let max = house.join("Max", Role::Manager).await;
        let id =
            on_db!(&house.db, c => sqlx::query_scalar("SELECT id FROM project").fetch_one(c).await).unwrap();
        let rate = |hour: &str| RateDraft {
            from_on: "2026-09-14".into(),
            hour_price: hour.into(),
            ..RateDraft::default()
        };
        Rates::new(house.projects.clone()).write(&house.again(&mara), id, &rate("25")).await.unwrap();
        house.world.advance(TimeDelta::seconds(1));
        Rates::new(house.projects.clone()).write(&house.again(&max), id, &rate("26")).await.unwrap();
        house.submit(&ann, task, &[(monday() + Days::new(7), "1")]).await;
        house.consolidate().await;
        let mut whole = house.only_batch().await;
        for it in whole.found.clone() {
            let said = [(it.kind, it.sentence.clone())];
            house
                .payments()
                .accept(&house.again(&max), whole.batch.id, it.subject_id, &said, "Known")
                .await
                .unwrap();
        }
        whole = house.only_batch().await;
        // Hers was superseded on its day, so that only his pays for anything.
        assert_eq!(approve(&house, &max, &whole).await, Ok(Outcome::NeedsAnother));
        house.submit(&ann, task, &[(monday() + Days::new(14), "1")]).await;
        house.consolidate().await;
        let mut later = house.only_batch().await;
        for it in later.found.iter().filter(|it| it.accepted_for.is_none()) {
            let said = [(it.kind, it.sentence.clone())];
            house
                .payments()
                .accept(&house.again(&mara), later.batch.id, it.subject_id, &said, "Known")
                .await
                .unwrap();
        }
        later = house.only_batch().await;
        assert_eq!(later.approvals, [], "he has approved what it was before");
        assert_eq!(approve(&house, &max, &later).await, Ok(Outcome::NeedsAnother));
        assert_eq!(approve(&house, &mara, &later).await, Ok(Outcome::Approved));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_approve_at_once_one_does() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, _, mara, task) = month(&house).await;
        let max = house.join("Max", Role::Manager).await;
        let whole = house.only_batch().await;
        let both: Vec<_> = [&mara, &max]
            .into_iter()
            .map(|act| {
                let (payments, act) = (house.payments(), house.again(act));
                let (id, digest) = (whole.batch.id, whole.digest.clone());
                tokio::spawn(async move { payments.approve(&act, id, &digest).await.is_ok() })
            })
            .collect();
        // Lines go on arriving meanwhile.
        house.submit(&ann, task, &[(monday() + Days::new(7), "1")]).await;
        let mut done = 0;
        for one in both {
            done += usize::from(one.await.unwrap());
        }
        assert!(done <= 1, "both have approved it");
        house.consolidate().await;
        // Whoever won, nothing is lost, and nothing is paid twice.
        let mut minor = 0;
        for summed in house.payments().batches(&house.system, None, 10).await.unwrap().rows {
            minor += summed.minor;
        }
        assert_eq!(minor, 36_333);
    })
    .await;
}

#[tokio::test]
async fn people_see_their_own_pay_and_no_other() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, bob, mara, _) = month(&house).await;
        let whole = house.only_batch().await;
        let mine = house.payments().mine(&house.again(&ann)).await.unwrap();
        assert_eq!(mine.iter().map(|it| it.minor).collect::<Vec<_>>(), [31_000]);
        let slip = house.payments().slip(&house.again(&ann), mine[0].id).await.unwrap();
        assert_eq!((slip.lines.len(), slip.lines[0].task_name.as_str()), (2, "Labels"));
        let other = house.payments().slip(&house.again(&bob), mine[0].id).await;
        assert_eq!(other.err().unwrap().into_fault().kind, FaultKind::NotFound);
        let denied = house.payments().batch(&house.again(&bob), whole.batch.id).await;
        assert_eq!(denied.err().unwrap().into_fault().kind, FaultKind::Forbidden);
        assert!(house.payments().approve(&house.again(&bob), whole.batch.id, &whole.digest).await.is_err());
        assert!(house.payments().batch(&house.again(&mara), BatchId(uuid::Uuid::nil())).await.is_err());
        assert_eq!(mine[0].batch_id, whole.batch.id);
        assert!(PersonId(mine[0].id.0) != ann.person().unwrap().id);
    })
    .await;
}

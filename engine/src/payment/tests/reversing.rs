use domain::FaultKind;
use domain::payment::BatchState;
use domain::timesheet::LineState;

use super::*;

async fn approve_only(house: &House, act: &Act) {
    let all = house.payments().batches(&house.system, None, 10).await.unwrap().rows;
    let open = all.iter().find(|it| it.batch.is_open()).unwrap();
    let whole = house.payments().batch(&house.now(), open.batch.id).await.unwrap();
    for it in &whole.found {
        let said = [(it.kind, it.sentence.clone())];
        house
            .payments()
            .accept(&house.again(act), whole.batch.id, it.subject_id, &said, "Known")
            .await
            .unwrap();
    }
    let digest = house.payments().batch(&house.now(), open.batch.id).await.unwrap().digest;
    let done = house.payments().approve(&house.again(act), open.batch.id, &digest).await.unwrap();
    assert_eq!(done, Outcome::Approved);
}

/// What somebody got or gets, the latest first.
async fn pay(house: &House, act: &Act) -> Vec<(BatchState, i64)> {
    let mine = house.payments().mine(&house.again(act)).await.unwrap();
    mine.iter().map(|it| (it.state, it.minor)).collect()
}

#[tokio::test]
async fn what_was_paid_wrongly_is_taken_back_and_entered_once_more() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, bob, mara, task) = month(&house).await;
        let lines = house.lines_of(&house.only_batch().await, "Bob").await;
        let early = house.payments().reverse(&house.again(&mara), lines[0].0, "Too early").await;
        assert!(early.unwrap_err().into_fault().message.contains("return it instead"));
        approve_only(&house, &mara).await;

        let denied = house.payments().reverse(&house.again(&ann), lines[0].0, "Mine").await;
        assert_eq!(denied.unwrap_err().into_fault().kind, FaultKind::Forbidden);
        house.payments().reverse(&house.again(&mara), lines[0].0, "It was the wrong task").await.unwrap();
        let twice = house.payments().reverse(&house.again(&mara), lines[0].0, "Once more").await;
        assert!(twice.unwrap_err().into_fault().message.contains("already"));

        // The same day can be entered once more; both are in the next batch.
        house.submit(&bob, task, &[(monday(), "3")]).await;
        house.consolidate().await;
        assert_eq!(
            pay(&house, &bob).await,
            [(BatchState::Open, 6_000 - 3_333), (BatchState::Approved, 3_333)]
        );
        let mine = house.payments().mine(&house.again(&bob)).await.unwrap();
        let slip = house.payments().slip(&house.again(&bob), mine[0].id).await.unwrap();
        let said: Vec<_> =
            slip.lines.iter().map(|it| (it.minutes, it.minor, it.takes_back.as_deref())).collect();
        assert_eq!(said, [(-100, -3_333, Some("It was the wrong task")), (180, 6_000, None)]);
        let before = house.payments().slip(&house.again(&bob), mine[1].id).await.unwrap();
        assert_eq!(before.lines[0].taken_back.as_deref(), Some("It was the wrong task"));
        assert_eq!(before.lines[0].state, LineState::Approved);

        house.world.advance(TimeDelta::days(31));
        approve_only(&house, &mara).await;
        assert_eq!(pay(&house, &bob).await, [(BatchState::Approved, 2_667), (BatchState::Approved, 3_333)]);
    })
    .await;
}

#[tokio::test]
async fn what_is_owed_is_made_up_for_by_the_next_payments() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, _, mara, task) = month(&house).await;
        let lines = house.lines_of(&house.only_batch().await, "Ann").await;
        approve_only(&house, &mara).await;
        for (line, _) in &lines {
            house.payments().reverse(&house.again(&mara), *line, "Never happened").await.unwrap();
        }
        // October: 310.00 are to be made up for, and 100.00 are earned.
        let october = monday() + Days::new(28);
        house.world.advance(TimeDelta::days(5));
        house.submit(&ann, task, &[(october, "5")]).await;
        house.consolidate().await;
        assert_eq!(pay(&house, &ann).await[0], (BatchState::Open, 0), "nobody pays less than nothing");
        house.world.advance(TimeDelta::days(27));
        approve_only(&house, &mara).await;
        let owed = house.payments().owed(&house.again(&ann)).await.unwrap();
        assert_eq!(owed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["-210.00 EUR"]);

        // November: 300.00 are earned, 90.00 paid, nothing is owed any more.
        house.submit(&ann, task, &[(october + Days::new(28), "8"), (october + Days::new(29), "7")]).await;
        house.consolidate().await;
        let mine = house.payments().mine(&house.again(&ann)).await.unwrap();
        let slip = house.payments().slip(&house.again(&ann), mine[0].id).await.unwrap();
        let it = &slip.payment;
        assert_eq!((it.minor, it.carried_minor, it.pay_minor), (30_000, -21_000, 9_000));
        house.world.advance(TimeDelta::days(30));
        approve_only(&house, &mara).await;
        assert_eq!(house.payments().owed(&house.again(&ann)).await.unwrap(), []);
        let paid: i64 = pay(&house, &ann).await.iter().map(|it| it.1).sum();
        assert_eq!(paid, 31_000 + 9_000, "which is 310 - 310 + 100 + 300");
    })
    .await;
}

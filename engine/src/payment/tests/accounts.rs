//! Where an approved payment goes is part of what was approved.

use chrono::TimeDelta;
use domain::FaultKind;
use domain::payee::AccountDraft;
use domain::payment::FindingKind;

use super::*;
use crate::payee::Payees;
use crate::testing::payees_of;

const DE: &str = "DE89 3704 0044 0532 0130 00";
const GB: &str = "GB29 NWBK 6016 1331 9268 19";

fn payees(house: &House) -> Payees {
    payees_of(house.db.clone(), house.people.clone())
}

async fn enter(house: &House, by: &Act, whose: &Act, number: &str) -> crate::payee::Kept {
    house.world.advance(TimeDelta::seconds(1));
    let draft = AccountDraft {
        method: "iban".into(),
        holder: "Holder".into(),
        iban: number.into(),
        ..AccountDraft::default()
    };
    let whose = whose.person().unwrap().id;
    let entered = payees(house).enter(&house.again(by), whose, &draft, "marble kettle orbit fox").await;
    house.consolidate().await;
    entered.unwrap()
}

fn kinds(batch: &Whole, whose: &Act) -> Vec<FindingKind> {
    batch.about(whose.person().unwrap().id).map(|it| it.kind).collect()
}

fn goes_to(batch: &Whole, whose: &Act) -> Option<String> {
    batch.paid_to(whose.person().unwrap().id).map(|it| it.shown.clone())
}

#[tokio::test]
async fn what_was_shown_goes_where_it_was_shown_to_go() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, bob, mara, _) = month(&house).await;
        let before = house.only_batch().await;
        assert_eq!(goes_to(&before, &ann), None);
        enter(&house, &ann, &ann, DE).await;
        let stale = house.payments().approve(&house.again(&mara), before.batch.id, &before.digest).await;
        assert_eq!(stale.unwrap_err().into_fault().kind, FaultKind::Conflict);

        let whole = house.only_batch().await;
        assert_eq!(goes_to(&whole, &ann).as_deref(), Some("DE89 •••• 3000"));
        assert_eq!(whole.open, 0);
        house.payments().approve(&house.again(&mara), whole.batch.id, &whole.digest).await.unwrap();

        // Whatever comes later, that is where it went; and who had no account then has none there now.
        enter(&house, &ann, &ann, GB).await;
        enter(&house, &bob, &bob, GB).await;
        house.world.advance(TimeDelta::days(3));
        house.consolidate().await;
        let after = house.only_batch().await;
        assert_eq!(after.digest, whole.digest);
        assert_eq!((goes_to(&after, &ann).as_deref(), goes_to(&after, &bob)), (Some("DE89 •••• 3000"), None));
    })
    .await;
}

#[tokio::test]
async fn a_change_is_said_as_long_as_it_is_held() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, _, _, _) = month(&house).await;
        enter(&house, &ann, &ann, DE).await;
        assert_eq!(kinds(&house.only_batch().await, &ann), []);
        let held = enter(&house, &ann, &ann, GB).await;
        let whole = house.only_batch().await;
        assert_eq!(kinds(&whole, &ann), [FindingKind::AccountHeld]);
        assert_eq!(goes_to(&whole, &ann).as_deref(), Some("DE89 •••• 3000"));
        payees(&house).withdraw(&house.again(&ann), held.id).await.unwrap();
        house.consolidate().await;
        assert_eq!(kinds(&house.only_batch().await, &ann), []);

        // When the hold ends, nothing changes but the time.
        enter(&house, &ann, &ann, GB).await;
        assert!(!due::is_any(&house.db, house.world.now()).await.unwrap());
        house.world.advance(TimeDelta::hours(48));
        assert!(due::is_any(&house.db, house.world.now()).await.unwrap());
        house.consolidate().await;
        assert!(!due::is_any(&house.db, house.world.now()).await.unwrap());
        let whole = house.only_batch().await;
        assert_eq!((kinds(&whole, &ann), goes_to(&whole, &ann).as_deref()), (vec![], Some("GB29 •••• 6819")));
    })
    .await;
}

#[tokio::test]
async fn who_has_entered_an_account_does_not_approve_what_goes_there() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, bob, mara, _) = month(&house).await;
        let mo = house.join("Mo", Role::Manager).await;
        let held = enter(&house, &mara, &ann, DE).await;
        payees(&house).release(&house.again(&mo), held.id).await.unwrap();
        enter(&house, &bob, &bob, DE).await;
        let whole = house.only_batch().await;
        assert_eq!(
            (kinds(&whole, &ann), kinds(&whole, &bob)),
            (vec![FindingKind::SameAccount], vec![FindingKind::SameAccount])
        );
        for payment in &whole.payments {
            let said: Vec<_> =
                whole.about(payment.person_id).map(|it| (it.kind, it.sentence.clone())).collect();
            let about = SubjectId::from(payment.person_id);
            house
                .payments()
                .accept(&house.again(&mo), whole.batch.id, about, &said, "Married")
                .await
                .unwrap();
        }
        let whole = house.only_batch().await;
        let refused = house.payments().approve(&house.again(&mara), whole.batch.id, &whole.digest).await;
        assert_eq!(refused.unwrap_err().into_fault().kind, FaultKind::Forbidden);
        let done = house.payments().approve(&house.again(&mo), whole.batch.id, &whole.digest).await.unwrap();
        assert_eq!(done, Outcome::Approved);
    })
    .await;
}

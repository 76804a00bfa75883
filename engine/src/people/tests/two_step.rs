use chrono::{DateTime, TimeDelta, Utc};
use domain::FaultKind;
use totp_rs::{Algorithm, Secret, TOTP};

use super::*;
use crate::testing::on_both;

fn code_at(enrolment: &Enrolment, world: &World) -> String {
    let secret = Secret::Encoded(enrolment.secret.replace(' ', "")).to_bytes().unwrap();
    let now = u64::try_from(world.now().timestamp()).unwrap();
    TOTP::new(Algorithm::SHA1, 6, 0, 30, secret).unwrap().generate(now)
}

/// Ada with two steps on: her enrolment and her recovery codes.
async fn enrolled(house: &House) -> (Enrolment, Vec<String>) {
    let act = house.by(&house.ada);
    house.people.begin_enrolment(&act).await.unwrap();
    let enrolment = house.people.enrolment(&act).await.unwrap().unwrap();
    let codes = house.people.enable_two_step(&act, &code_at(&enrolment, &house.world)).await.unwrap();
    (enrolment, codes)
}

/// Ada's second step, her password having been right at some moment.
async fn second_step(house: &House, since: DateTime<Utc>, code: &str) -> Result<Person, crate::Error> {
    house.people.second_step(&house.nobody(), house.ada.id, since, code, None).await.map(|in_| in_.person)
}

#[tokio::test]
async fn two_steps_are_asked_for_once_they_are_on() {
    on_both(async |db| {
        let house = House::new(db).await;
        let act = house.by(&house.ada);
        assert!(house.people.enrolment(&act).await.unwrap().is_none(), "looking draws a secret");
        house.people.begin_enrolment(&act).await.unwrap();
        let secret = async || house.people.enrolment(&act).await.unwrap().unwrap().secret;
        assert_eq!(secret().await, secret().await, "reloading changes the secret");
        assert!(matches!(house.try_in("ada@example.com", PASSWORD).await.unwrap(), SignedIn::In(_)));
        assert_eq!(fault(house.people.enable_two_step(&act, "000000").await).fields[0].field, "code");
        let (enrolment, codes) = enrolled(&house).await;
        assert_eq!(codes.len(), RECOVERY_CODES);
        let SignedIn::NeedsCode(_) = house.try_in("ada@example.com", PASSWORD).await.unwrap() else {
            panic!("one step was enough")
        };
        // The code that turned it on is used up; the next one works, once.
        assert!(second_step(&house, house.world.now(), &code_at(&enrolment, &house.world)).await.is_err());
        house.world.advance(TimeDelta::seconds(30));
        let code = code_at(&enrolment, &house.world);
        assert!(second_step(&house, house.world.now(), &code).await.is_ok());
        assert!(second_step(&house, house.world.now(), &code).await.is_err(), "a code worked twice");
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_works_once_however_it_is_typed() {
    on_both(async |db| {
        let house = House::new(db).await;
        let (_, codes) = enrolled(&house).await;
        let typed = codes[3].to_uppercase().replace('-', " ");
        assert!(second_step(&house, house.world.now(), &typed).await.is_ok());
        assert!(second_step(&house, house.world.now(), &codes[3]).await.is_err());
        let act = house.by(&house.ada);
        assert_eq!(house.people.recovery_codes_left(&act).await.unwrap(), 9);
        assert!(house.people.disable_two_step(&act, "wrong").await.is_err());
        house.people.disable_two_step(&act, PASSWORD).await.unwrap();
        assert!(matches!(house.try_in("ada@example.com", PASSWORD).await.unwrap(), SignedIn::In(_)));
    })
    .await;
}

#[tokio::test]
async fn a_password_given_long_ago_or_changed_since_is_no_first_step() {
    on_both(async |db| {
        let house = House::new(db).await;
        let (_, codes) = enrolled(&house).await;
        let since = house.world.now();
        house.world.advance(TimeDelta::minutes(11));
        let late = second_step(&house, since, &codes[0]).await;
        assert_eq!(fault(late).kind, FaultKind::SignedOut);
        let since = house.world.now();
        house.world.advance(TimeDelta::seconds(5));
        let new = "lantern spiral copper duck";
        house.people.change_password(&house.by(&house.ada), PASSWORD, new, None).await.unwrap();
        let changed = second_step(&house, since, &codes[0]).await;
        assert_eq!(fault(changed).kind, FaultKind::SignedOut);
    })
    .await;
}

#[tokio::test]
async fn guessing_codes_is_slow() {
    on_both(async |db| {
        let house = House::new(db).await;
        enrolled(&house).await;
        let mut kinds = Vec::new();
        for guess in 0..8 {
            let guess = format!("{guess:06}");
            kinds.push(fault(second_step(&house, house.world.now(), &guess).await).kind);
        }
        assert_eq!(kinds.iter().filter(|kind| **kind == FaultKind::Invalid).count(), 6);
    })
    .await;
}

#[tokio::test]
async fn an_admin_helps_whoever_has_lost_their_phone() {
    on_both(async |db| {
        let house = House::new(db).await;
        enrolled(&house).await;
        let (people, bea) = (&house.people, house.join("Bea", &[Role::Admin]).await);
        let mia = house.join("Mia", &[Role::Manager]).await;
        let by_bea = house.by(&bea);
        assert_eq!(
            fault(people.reset_two_step(&house.by(&mia), house.ada.id).await).kind,
            FaultKind::Forbidden
        );
        assert_eq!(
            fault(people.reset_two_step(&by_bea, bea.id).await).kind,
            FaultKind::Conflict,
            "one's own"
        );
        assert_eq!(
            fault(people.reset_two_step(&by_bea, mia.id).await).kind,
            FaultKind::Conflict,
            "none to reset"
        );
        assert!(!people.reset_two_step(&by_bea, house.ada.id).await.unwrap().two_step);
        assert!(matches!(house.try_in("ada@example.com", PASSWORD).await.unwrap(), SignedIn::In(_)));
    })
    .await;
}

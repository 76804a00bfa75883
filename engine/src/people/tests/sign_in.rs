use std::time::Duration;

use chrono::TimeDelta;
use domain::FaultKind;

use super::*;
use crate::testing::on_both;

fn stored(id: &str, person: &Person, house: &House) -> StoredSession {
    StoredSession {
        id_hash: id.to_owned(),
        person_id: Some(person.id),
        data: "{}".to_owned(),
        address: "192.0.2.1".to_owned(),
        agent: "test".to_owned(),
        expires_at: house.world.now() + TimeDelta::days(1),
        // In these tests people join the moment they are invited.
        password_of: Some(person.created_at),
    }
}

#[tokio::test]
async fn the_right_password_signs_in_and_nothing_else_does() {
    on_both(async |db| {
        let house = House::new(db).await;
        assert!(matches!(house.try_in(" Ada@Example.com", PASSWORD).await.unwrap(), SignedIn::In(_)));
        let wrong = fault(house.try_in("ada@example.com", "something else").await);
        let nobody = fault(house.try_in("nobody@example.com", "something else").await);
        let nonsense = fault(house.try_in("'; DROP TABLE person; --", "<script>").await);
        assert_eq!(wrong, nobody, "the answer tells whether the account exists");
        assert_eq!(wrong, nonsense);
        assert_eq!(fault(house.try_in("", "x").await).fields[0].field, "email");
    })
    .await;
}

/// Not by a clock: whoever is nobody stands in the same queue for a hash as everybody else.
#[tokio::test]
async fn nobody_waits_for_a_hash_like_everybody() {
    on_both(async |db| {
        let house = House::new(db).await;
        let held = house.people.hasher.hold().await;
        for email in ["ada@example.com", "nobody@example.com", "no address at all"] {
            let tried = tokio::time::timeout(Duration::from_millis(300), house.try_in(email, PASSWORD)).await;
            assert!(tried.is_err(), "{email} is answered without a hash: {tried:?}");
        }
        drop(held);
        assert!(house.try_in("ada@example.com", PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn guessing_is_slowed_down_but_the_owner_is_not_locked_out() {
    on_both(async |db| {
        let house = House::new(db).await;
        let mark = house.people.device_mark(&house.nobody(), &house.ada).unwrap();
        for _ in 0..10 {
            assert_eq!(fault(house.try_in("ada@example.com", "guess guess").await).kind, FaultKind::Invalid);
        }
        let slowed = fault(house.try_in("ada@example.com", PASSWORD).await);
        assert_eq!(slowed.kind, FaultKind::TooMany);
        assert!((1..=30).contains(&slowed.retry_after_s.unwrap()), "{slowed:?}");
        // A device she has used before gets in at once; a new one after the wait, however long the guessing went on.
        let known = Attempt {
            email: "ada@example.com".into(),
            password: PASSWORD.into(),
            device: Some(mark.clone()),
        };
        assert!(house.people.sign_in(&house.nobody(), &known).await.is_ok());
        house.world.advance(TimeDelta::seconds(31));
        assert!(house.try_in("ada@example.com", PASSWORD).await.is_ok());
        // Somebody at another address, who is not guessing, is not slowed down either.
        for _ in 0..12 {
            let _ = house.try_in("ada@example.com", "guess guess").await;
        }
        let elsewhere = house.nobody().from_address("198.51.100.7");
        let new = Attempt { email: "ada@example.com".into(), password: PASSWORD.into(), device: None };
        assert!(house.people.sign_in(&elsewhere, &new).await.is_ok());
        // Somebody else's mark is worth nothing.
        let bob = house.join("Bob", &[Role::Annotator]).await;
        let attempt = Attempt { email: bob.email.to_string(), password: "guess".into(), device: Some(mark) };
        for _ in 0..10 {
            let _ = house.people.sign_in(&house.nobody(), &attempt).await;
        }
        assert_eq!(fault(house.people.sign_in(&house.nobody(), &attempt).await).kind, FaultKind::TooMany);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_that_race_are_all_counted() {
    on_both(async |db| {
        let house = Arc::new(House::new(db).await);
        let guesses: Vec<_> = (0..40)
            .map(|_| {
                let house = house.clone();
                tokio::spawn(async move { fault(house.try_in("ada@example.com", "guess guess").await).kind })
            })
            .collect();
        let mut checked = 0;
        for guess in guesses {
            checked += usize::from(guess.await.unwrap() == FaultKind::Invalid);
        }
        assert_eq!(checked, 10);
    })
    .await;
}

#[tokio::test]
async fn a_session_does_not_begin_with_a_password_that_was_changed_meanwhile() {
    on_both(async |db| {
        let house = House::new(db).await;
        let (people, now) = (&house.people, house.world.now());
        let bob = house.join("Bob", &[Role::Annotator]).await;
        // The password was right, and then, before the session begins, Bob chooses another.
        let (new, changed) = (stored("new", &bob, &house), stored("changed", &bob, &house));
        let empty = StoredSession { person_id: None, ..changed.clone() };
        assert!(people.create_session(&empty, now).await.unwrap());
        house.world.advance(TimeDelta::seconds(1));
        people.change_password(&house.by(&bob), PASSWORD, "lantern spiral copper duck", None).await.unwrap();
        assert!(people.create_session(&new, now).await.unwrap());
        assert!(!people.save_session(&changed).await.unwrap());
        for id in ["new", "changed"] {
            assert!(people.who(id, now).await.unwrap().is_none(), "{id} is Bob's session");
        }
    })
    .await;
}

#[tokio::test]
async fn a_neighbour_behind_the_same_address_keeps_nobody_out() {
    on_both(async |db| {
        let house = House::new(db).await;
        let mark = house.people.device_mark(&house.nobody(), &house.ada).unwrap();
        for n in 0..70 {
            let _ = house.try_in(&format!("nobody{n}@example.com"), "guess guess").await;
        }
        assert_eq!(fault(house.try_in("ada@example.com", PASSWORD).await).kind, FaultKind::TooMany);
        let known =
            Attempt { email: "ada@example.com".into(), password: PASSWORD.into(), device: Some(mark) };
        assert!(matches!(house.people.sign_in(&house.nobody(), &known).await.unwrap(), SignedIn::In(_)));
    })
    .await;
}

#[tokio::test]
async fn an_account_of_ones_own_wipes_no_guesses_out() {
    on_both(async |db| {
        let house = House::new(db).await;
        house.join("Eve", &[Role::Annotator]).await;
        let mut let_in = 0;
        for n in 0..120 {
            let guess = house.try_in(&format!("nobody{n}@example.com"), "guess guess").await;
            let_in += usize::from(fault(guess).kind == FaultKind::Invalid);
            if n % 10 == 0 {
                let _ = house.try_in("eve@example.com", PASSWORD).await;
            }
        }
        assert_eq!(let_in, 60, "an address tried more often than it may");
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    on_both(async |db| {
        let house = House::new(db).await;
        let (people, now) = (&house.people, house.world.now());
        let bob = house.join("Bob", &[Role::Annotator]).await;
        for id in ["one", "two", "three"] {
            assert!(people.create_session(&stored(id, &bob, &house), now).await.unwrap());
        }
        assert!(
            !people.create_session(&stored("one", &bob, &house), now).await.unwrap(),
            "an id was given twice"
        );
        assert_eq!(people.who("one", now).await.unwrap().unwrap().id, bob.id);
        assert_eq!(people.sessions(&house.by(&bob), bob.id).await.unwrap().len(), 3);

        people.end_session(&house.by(&bob), bob.id, "one").await.unwrap();
        assert!(people.who("one", now).await.unwrap().is_none());
        assert!(
            !people.save_session(&stored("one", &bob, &house)).await.unwrap(),
            "an ended session came back"
        );
        assert_eq!(people.end_other_sessions(&house.by(&bob), bob.id, Some("two")).await.unwrap(), 1);

        // Nobody ends another's, unless they look after people.
        assert_eq!(
            fault(people.end_session(&house.by(&bob), house.ada.id, "x").await).kind,
            FaultKind::Forbidden
        );
        people.end_session(&house.by(&house.ada), bob.id, "two").await.unwrap();
        assert!(people.who("two", now).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_by_itself_and_with_its_person() {
    on_both(async |db| {
        let house = House::new(db).await;
        let bob = house.join("Bob", &[Role::Annotator]).await;
        house.people.create_session(&stored("one", &bob, &house), house.world.now()).await.unwrap();
        let later = house.world.now() + TimeDelta::days(2);
        assert!(house.people.who("one", later).await.unwrap().is_none(), "an expired session holds");
        assert!(house.people.load_session("one", later).await.unwrap().is_none());
        house.people.disable(&house.by(&house.ada), bob.id).await.unwrap();
        assert!(house.people.who("one", house.world.now()).await.unwrap().is_none());
        assert_eq!(fault(house.try_in("bob@example.com", PASSWORD).await).kind, FaultKind::Invalid);
        assert!(house.people.sweep(later).await.unwrap() > 0);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_what_the_old_one_began() {
    on_both(async |db| {
        let house = House::new(db).await;
        let bob = house.join("Bob", &[Role::Annotator]).await;
        let (people, now) = (&house.people, house.world.now());
        for id in ["here", "there"] {
            people.create_session(&stored(id, &bob, &house), now).await.unwrap();
        }
        let act = house.by(&bob);
        let new = "lantern spiral copper duck";
        assert_eq!(
            fault(people.change_password(&act, "wrong", new, Some("here")).await).fields[0].field,
            "current"
        );
        assert_eq!(
            fault(people.change_password(&act, PASSWORD, "short", None).await).fields[0].field,
            "password"
        );
        people.change_password(&act, PASSWORD, new, Some("here")).await.unwrap();
        assert!(people.who("here", now).await.unwrap().is_some());
        assert!(people.who("there", now).await.unwrap().is_none());

        let link = people.new_link(&house.by(&house.ada), bob.id).await.unwrap().link;
        people.reset(&house.nobody(), secret_of(&link), "saddle vortex maple 42").await.unwrap();
        assert!(people.who("here", now).await.unwrap().is_none());
        assert_eq!(
            fault(people.reset(&house.nobody(), secret_of(&link), PASSWORD).await).kind,
            FaultKind::Gone
        );
        assert!(house.try_in("bob@example.com", "saddle vortex maple 42").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_token_holds_until_it_ends_and_for_its_scopes_only() {
    on_both(async |db| {
        let house = House::new(db).await;
        let (people, act) = (&house.people, house.by(&house.ada));
        let new = NewToken { name: "CI".into(), scopes: vec!["people:read".into()], days: 30 };
        let made = people.make_token(&act, &new).await.unwrap();
        let actor = people.bearer(&made.secret, act.at).await.unwrap().unwrap();
        let by_token = Act { actor, ..act.clone() };
        assert!(people.list(&by_token, &Filter::default(), 10).await.is_ok());
        assert!(fault(people.disable(&by_token, house.ada.id).await).message.contains("people:write"));
        assert!(people.make_token(&by_token, &new).await.is_err(), "a token made a token");
        // It is noted behind the answer.
        for _ in 0..200 {
            if people.tokens(&act, house.ada.id).await.unwrap()[0].used_at.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(people.tokens(&act, house.ada.id).await.unwrap()[0].used_at.is_some());

        assert!(people.bearer(&made.secret, act.at + TimeDelta::days(31)).await.unwrap().is_none());
        people.revoke_token(&act, house.ada.id, made.token.id).await.unwrap();
        assert!(people.bearer(&made.secret, act.at).await.unwrap().is_none());
        let bad = NewToken { name: String::new(), scopes: vec![], days: 0 };
        assert_eq!(fault(people.make_token(&act, &bad).await).fields.len(), 3);
    })
    .await;
}

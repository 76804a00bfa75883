use chrono::TimeDelta;
use domain::FaultKind;
use domain::people::{Scopes, Status};

use super::*;
use crate::audit::Audit;
use crate::testing::on_both;

fn bob() -> Invitation {
    Invitation {
        email: "bob@example.com".into(),
        name: "Bob".into(),
        roles: vec!["reviewer".into(), "annotator".into()],
        zone: "Asia/Kolkata".into(),
    }
}

fn accept() -> Accept {
    Accept { name: "Bob B.".into(), zone: "Asia/Kolkata".into(), password: PASSWORD.into() }
}

#[tokio::test]
async fn the_first_admin_is_set_up_once() {
    on_both(async |db| {
        let (people, world) = (people_of(db.clone()), staged_world());
        let nobody = Act::new(&world, Actor::Nobody, "setup");
        let console = Act::new(&world, Actor::System("test"), "setup");
        assert!(people.is_empty().await.unwrap());
        let old = people.setup_link(&console).await.unwrap().unwrap();
        let link = people.setup_link(&console).await.unwrap().unwrap();
        let set_up = async |link: &str, password: &str| {
            people.set_up(&nobody, secret_of(link), "ada@example.com", "Ada", "UTC", password).await
        };
        assert_eq!(fault(set_up(&old, PASSWORD).await).kind, FaultKind::Gone, "an older link still works");
        assert_eq!(fault(set_up(&link, "password123").await).fields[0].field, "password");
        set_up(&link, PASSWORD).await.unwrap();
        assert_eq!(fault(set_up(&link, PASSWORD).await).kind, FaultKind::Gone);
        assert!(people.setup_link(&console).await.unwrap().is_none());
        let verified = Audit::new(db).verify(&console).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (1, None));
    })
    .await;
}

#[tokio::test]
async fn a_set_up_link_expires() {
    on_both(async |db| {
        let (people, world) = (people_of(db), staged_world());
        let act = |actor| Act::new(&world, actor, "req");
        let link = people.setup_link(&act(Actor::System("test"))).await.unwrap().unwrap();
        world.advance(TimeDelta::days(8));
        let late = people
            .set_up(&act(Actor::Nobody), secret_of(&link), "ada@example.com", "Ada", "UTC", PASSWORD)
            .await;
        assert!(fault(late).message.contains("expired"));
    })
    .await;
}

#[tokio::test]
async fn a_reset_link_expires() {
    on_both(async |db| {
        let house = House::new(db).await;
        let bob = house.join("Bob", &[Role::Annotator]).await;
        let reset = house.people.new_link(&house.by(&house.ada), bob.id).await.unwrap();
        house.world.advance(TimeDelta::days(8));
        let late =
            house.people.reset(&house.nobody(), secret_of(&reset.link), "lantern spiral copper duck").await;
        assert!(fault(late).message.contains("expired"));
        assert!(house.try_in("bob@example.com", PASSWORD).await.is_ok(), "the old one holds");
    })
    .await;
}

#[tokio::test]
async fn a_set_up_link_is_worthless_once_somebody_is_there() {
    on_both(async |db| {
        let (people, world) = (people_of(db), staged_world());
        let nobody = Act::new(&world, Actor::Nobody, "setup");
        let console = Act::new(&world, Actor::System("console"), "cli");
        let link = people.setup_link(&console).await.unwrap().unwrap();
        people.add(&console, &bob(), PASSWORD).await.unwrap();
        let late = people.set_up(&nobody, secret_of(&link), "eve@example.com", "Eve", "UTC", PASSWORD).await;
        assert_eq!(fault(late).kind, FaultKind::Gone);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_works_once_and_expires() {
    on_both(async |db| {
        let house = House::new(db).await;
        let (people, ada) = (&house.people, house.by(&house.ada));
        let invited = people.invite(&ada, &bob()).await.unwrap();
        assert!(!invited.mailed);
        assert_eq!(fault(people.invite(&ada, &bob()).await).fields[0].field, "email");
        assert_eq!(fault(house.try_in("bob@example.com", PASSWORD).await).kind, FaultKind::Invalid);

        house.world.advance(TimeDelta::days(8));
        let late = people.accept(&house.nobody(), secret_of(&invited.link), &accept()).await;
        assert!(fault(late).message.contains("expired"));
        let again = people.new_link(&house.by(&house.ada), invited.person.id).await.unwrap();
        let joined = people.accept(&house.nobody(), secret_of(&again.link), &accept()).await.unwrap().person;
        assert_eq!((joined.name.as_str(), joined.status), ("Bob B.", Status::Active));
        let twice = people.accept(&house.nobody(), secret_of(&again.link), &accept()).await;
        assert_eq!(fault(twice).kind, FaultKind::Gone);
        assert!(house.try_in("bob@example.com", PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_accept_at_once_one_joins() {
    on_both(async |db| {
        let house = Arc::new(House::new(db).await);
        let invited = house.people.invite(&house.by(&house.ada), &bob()).await.unwrap();
        let both: Vec<_> = (0..6)
            .map(|_| {
                let (house, link) = (house.clone(), invited.link.clone());
                tokio::spawn(async move {
                    house.people.accept(&house.nobody(), secret_of(&link), &accept()).await.is_ok()
                })
            })
            .collect();
        let mut joined = 0;
        for one in both {
            joined += usize::from(one.await.unwrap());
        }
        assert_eq!(joined, 1);
    })
    .await;
}

#[tokio::test]
async fn only_admins_invite() {
    on_both(async |db| {
        let house = House::new(db).await;
        let manager = house.join("Mia", &[Role::Manager]).await;
        assert_eq!(fault(house.people.invite(&house.by(&manager), &bob()).await).kind, FaultKind::Forbidden);
        assert_eq!(fault(house.people.invite(&house.nobody(), &bob()).await).kind, FaultKind::SignedOut);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_leaks_makes_nobody_an_admin() {
    on_both(async |db| {
        let house = House::new(db).await;
        let people = &house.people;
        let invited = people.invite(&house.by(&house.ada), &bob()).await.unwrap().person;
        let with = |scopes: &str| {
            let scopes = Some(Scopes::parse([scopes]).unwrap());
            Act { actor: Actor::Person { person: house.ada.clone().into(), scopes }, ..house.nobody() }
        };
        let eve = Invitation { email: "eve@example.com".into(), roles: vec!["admin".into()], ..bob() };
        let promote =
            Change { name: "Bob".into(), roles: vec!["manager".into()], zone: "UTC".into(), version: 1 };
        let file = "name,email,roles\nEve,eve@example.com,manager\n";
        let narrow = with("people:read people:write");
        for refused in [
            fault(people.invite(&narrow, &eve).await),
            fault(people.import_csv(&narrow, file).await),
            fault(people.change(&narrow, invited.id, &promote).await),
            fault(people.new_link(&narrow, house.ada.id).await),
        ] {
            assert!(refused.message.contains("people:admin"), "{refused:?}");
        }
        let wide = with("people:read people:write people:admin");
        assert!(people.change(&wide, invited.id, &promote).await.unwrap().roles.has(Role::Manager));
        people.invite(&wide, &eve).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_is_looked_at_then_taken_whole_or_not_at_all() {
    on_both(async |db| {
        let house = House::new(db).await;
        let (people, act) = (&house.people, house.by(&house.ada));
        let bad = "\u{feff}Name,Email,Roles\nBob,bob@example.com,annotator\nEve,eve@,boss\n\
                   Bob again,BOB@example.com,annotator\nAda,ada@example.com,admin\n";
        let preview = people.preview_csv(&act, bad).await.unwrap();
        assert_eq!((preview.new_people(), preview.known(), preview.faulty()), (1, 1, 2));
        let posted = people.preview_csv(&act, &bad.replace('\n', "\r\n")).await.unwrap();
        assert_eq!(posted.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
        let eve = &preview.rows[1];
        assert_eq!((eve.line, eve.faults.len()), (3, 2));
        assert!(preview.rows[2].faults[0].1.contains("line 2"), "{:?}", preview.rows[2]);
        assert_eq!(fault(people.import_csv(&act, bad).await).kind, FaultKind::Invalid);
        assert_eq!(people.list(&act, &Filter::default(), 10).await.unwrap().rows.len(), 1, "somebody was invited");

        let good = "name;email;roles;zone\nBob;bob@example.com;annotator,reviewer;Asia/Tokyo\n\nAda;ada@example.com;admin;\n";
        let invited = people.import_csv(&act, good).await.unwrap();
        assert_eq!((invited.len(), invited[0].person.zone.as_str()), (1, "Asia/Tokyo"));
        assert_eq!(fault(people.import_csv(&act, good).await).message, "Everybody in this file is already here.");
        for (wrong, why) in [("who,what\n1,2", "columns"), ("", "columns"), ("email,name,roles\n", "nobody"), ("email,name,roles\nzo@x.org,Zo\u{fffd},annotator", "UTF-8"), ("email,name,roles,timezone\nzo@x.org,Zo,annotator,UTC", "timezone")] {
            assert!(fault(people.preview_csv(&act, wrong).await).message.contains(why), "{wrong}");
        }
    })
    .await;
}

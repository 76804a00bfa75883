//! Notices on both databases: told once, to whoever it is for, and mailed if nobody reads them.

use chrono::{Days, NaiveDate, TimeDelta};
use domain::FaultKind;
use domain::notice::NoticeKind;
use domain::people::Role;
use domain::timesheet::Week;

use super::*;
use crate::act::Act;
use crate::mail::Mailer;
use crate::payment::remind_all;
use crate::testing::house::House;
use crate::testing::mail_server::{mail_server, next_mail};
use crate::testing::on_both;

async fn told(house: &House, by: &Act, whom: &Act, about: &str) {
    let new = New {
        person: whom.person().unwrap().id,
        kind: NoticeKind::PaymentFailed,
        about: about.into(),
        sentence: format!("It did not arrive: {about}."),
        path: "/my-pay".into(),
    };
    house.world.advance(TimeDelta::seconds(1));
    let mut tx = house.db.begin().await.unwrap();
    tell(&mut tx, &house.again(by), vec![new]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn sentences(house: &House, who: &Act) -> Vec<String> {
    let page = Notices::new(house.db.clone()).mine(&house.again(who), None, 10).await.unwrap();
    page.rows.into_iter().map(|it| it.sentence).collect()
}

#[tokio::test]
async fn everybody_is_told_once_and_reads_their_own() {
    on_both(async |db| {
        let house = House::new(db);
        let notices = Notices::new(house.db.clone());
        let (ann, bob) = (house.join("Ann", Role::Annotator).await, house.join("Bob", Role::Annotator).await);
        for about in ["a", "b", "a", "c"] {
            told(&house, &bob, &ann, about).await;
        }
        told(&house, &ann, &ann, "her own doing").await;
        assert_eq!(
            sentences(&house, &ann).await,
            ["It did not arrive: c.", "It did not arrive: b.", "It did not arrive: a."]
        );
        assert_eq!((notices.unread(&ann).await.unwrap(), notices.unread(&bob).await.unwrap()), (3, 0));
        let first = notices.mine(&ann, None, 2).await.unwrap();
        assert!(first.has_more);
        let rest = notices.mine(&ann, Some(first.rows[1].id), 2).await.unwrap();
        assert_eq!((rest.rows.len(), rest.has_more), (1, false));

        let id = rest.rows[0].id;
        let others = notices.open(&bob, id).await.unwrap_err().into_fault();
        assert_eq!(others.kind, FaultKind::NotFound);
        assert_eq!(notices.open(&house.again(&ann), id).await.unwrap(), "/my-pay");
        assert_eq!(notices.unread(&ann).await.unwrap(), 2);
        // What came after somebody looked is not read by that.
        notices.read_all(&house.again(&ann), first.rows[1].id).await.unwrap();
        assert_eq!(notices.unread(&ann).await.unwrap(), 1);

        house.world.advance(TimeDelta::days(181));
        assert_eq!(forget(&house.db, &house.again(&ann)).await.unwrap(), 2);
        assert_eq!(sentences(&house, &ann).await, ["It did not arrive: c."], "what nobody read is kept");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_read_is_mailed_together_and_never_twice() {
    on_both(async |db| {
        let house = House::new(db);
        let notices = Notices::new(house.db.clone());
        let (ann, bob) = (house.join("Ann", Role::Annotator).await, house.join("Bob", Role::Annotator).await);
        let cy = house.join("Cy", Role::Annotator).await;
        let (url, mails) = mail_server();
        let mailer = Mailer::smtp(&url, "Desk <desk@example.com>").unwrap();
        let post = Post { mailer, base_url: "https://desk.example.com".into() };
        let send = async || {
            let done = post.send_due(&house.db, &house.again(&house.system)).await.unwrap();
            (done["mailed"].as_u64().unwrap(), done["failed"].as_u64().unwrap())
        };
        told(&house, &house.system, &ann, "a").await;
        told(&house, &house.system, &ann, "b").await;
        told(&house, &house.system, &bob, "read").await;
        told(&house, &house.system, &cy, "unwanted").await;
        let of_bob = notices.mine(&bob, None, 1).await.unwrap().rows[0].id;
        notices.open(&house.again(&bob), of_bob).await.unwrap();
        notices.set_mailed(&cy, false).await.unwrap();
        assert!(!notices.is_mailed(&cy).await.unwrap());
        assert_eq!(send().await, (0, 0), "it is too early");

        house.world.advance(TimeDelta::minutes(2));
        assert_eq!(send().await, (1, 0));
        let mail = next_mail(&mails).replace("=\n", "");
        for part in
            ["To: ann@example.com", "2 things", "arrive: a.", "arrive: b.", "https://desk.example.com/my-pay"]
        {
            assert!(mail.contains(part), "no {part} in {mail}");
        }
        assert_eq!(send().await, (0, 0), "twice");

        // Whoever sets up mail does not want old ones to be sent.
        notices.set_mailed(&cy, true).await.unwrap();
        told(&house, &house.system, &cy, "old").await;
        house.world.advance(TimeDelta::days(3));
        assert_eq!(send().await, (0, 0));
        assert!(!is_any_due(&house.db, house.world.now()).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_away_is_tried_again_and_given_up() {
    on_both(async |db| {
        let house = House::new(db);
        let ann = house.join("Ann", Role::Annotator).await;
        let post = Post {
            mailer: Mailer::smtp("smtp://127.0.0.1:1", "desk@example.com").unwrap(),
            base_url: String::new(),
        };
        told(&house, &house.system, &ann, "a").await;
        let mut tries = 0;
        for _ in 0..600 {
            house.world.advance(TimeDelta::minutes(2));
            let done = post.send_due(&house.db, &house.again(&house.system)).await.unwrap();
            tries += done["failed"].as_u64().unwrap();
        }
        assert_eq!(tries, 6);
        assert_eq!(sentences(&house, &ann).await, ["It did not arrive: a."], "it is told here all the same");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_not_in_is_told_before_it_is_due() {
    on_both(async |db| {
        let house = House::new(db);
        let names = ["Ann", "Bob", "Cy", "Dee"];
        let mut people = Vec::new();
        for name in names {
            people.push(house.join(name, Role::Annotator).await);
        }
        let (_, task) = house.project("acme-1", &["ann", "bob", "cy", "dee"]).await;
        let monday = NaiveDate::from_ymd_opt(2026, 9, 7).unwrap();
        house.submit(&people[0], task, &[(monday, "7:30")]).await;
        house.submit(&people[3], task, &[(monday, "7:30")]).await;
        // Bob has entered something in the week after, and so has Dee.
        for who in [&people[1], &people[3]] {
            let (act, next) = (house.again(who), monday + Days::new(7));
            let draft = crate::timesheet::LineDraft {
                task,
                on: next,
                hours: "4".into(),
                units: String::new(),
                note: String::new(),
                external_id: None,
            };
            let id = act.person().unwrap().id;
            house.timesheets.save(&act, id, Week::of(next), None, &[draft]).await.unwrap();
        }
        let remind = async || remind_all(&house.db, &house.again(&house.system)).await.unwrap();
        let until = |on: &str| {
            let then: chrono::DateTime<chrono::Utc> = on.parse().unwrap();
            house.world.advance(then - house.world.now());
        };
        until("2026-09-30T12:00:00Z");
        assert_eq!(remind().await, 0, "it is not due for two days");
        until("2026-10-01T07:59:00Z");
        assert_eq!(remind().await, 0, "nobody is up");
        until("2026-10-01T08:05:00Z");
        assert_eq!(remind().await, 3);
        until("2026-10-02T09:05:00Z");
        remind().await;
        let mut said = Vec::new();
        for who in &people {
            said.push(sentences(&house, who).await);
        }
        assert_eq!(said[0], Vec::<String>::new());
        let lines = "One line for 1 to 30 September 2026 is entered and not submitted. It is due by Friday, 2 October.";
        assert_eq!((&said[1], &said[3]), (&vec![lines.to_owned()], &vec![lines.to_owned()]));
        assert_eq!(said[2].len(), 1, "once");
        assert!(said[2][0].starts_with("Nothing is entered for 1 to 30 September 2026 yet."), "{said:?}");
        let bobs = Notices::new(house.db.clone()).mine(&people[1], None, 1).await.unwrap().rows.remove(0);
        assert_eq!(bobs.path, "/timesheet?week=2026-09-14");
    })
    .await;
}

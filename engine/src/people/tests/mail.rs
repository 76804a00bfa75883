//! Links by mail, to a mail server of the test's own.

use std::time::Duration;

use super::*;
use crate::mail::Mailer;
use crate::testing::mail_server::{mail_server, next_mail};
use crate::testing::{on_both, people_with};

/// The secret of the link in a mail, whose lines may have been broken on the way.
fn link_in(mail: &str, path: &str) -> String {
    let text = mail.replace("=\n", "");
    let after = text.split(path).nth(1).unwrap_or_else(|| panic!("no {path} in {mail}"));
    after.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_and_resets_are_mailed_and_work() {
    on_both(async |db| {
        let (url, mails) = mail_server();
        let mailer = Mailer::smtp(&url, "Desk <desk@example.com>").unwrap();
        let mut house = House::new(db.clone()).await;
        house.people = people_with(db, false, mailer);
        let invitation = Invitation {
            email: "bob@example.com".into(),
            name: "Bob".into(),
            roles: vec!["annotator".into()],
            zone: String::new(),
        };
        assert!(house.people.invite(&house.by(&house.ada), &invitation).await.unwrap().mailed);
        let mail = next_mail(&mails);
        assert!(mail.contains("To: bob@example.com") && mail.contains("Ada has invited you"), "{mail}");
        let accept = Accept { name: "Bob".into(), zone: "UTC".into(), password: PASSWORD.into() };
        house.people.accept(&house.nobody(), &link_in(&mail, "/invitation/"), &accept).await.unwrap();

        house.people.request_reset(&house.nobody(), "nobody@example.com").await.unwrap();
        house.people.request_reset(&house.nobody(), "bob@example.com").await.unwrap();
        let mail = next_mail(&mails);
        assert!(mail.contains("To: bob@example.com"), "{mail}");
        let secret = link_in(&mail, "/reset/");
        house.people.reset(&house.nobody(), &secret, "lantern spiral copper duck").await.unwrap();
        assert!(mails.recv_timeout(Duration::from_millis(200)).is_err(), "a mail went to nobody");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_away_fails_nothing() {
    on_both(async |db| {
        let mut house = House::new(db.clone()).await;
        house.people =
            people_with(db, false, Mailer::smtp("smtp://127.0.0.1:1", "desk@example.com").unwrap());
        let made = house.people.new_link(&house.by(&house.ada), house.ada.id).await.unwrap();
        assert!(made.link.contains("/reset/"));
        for _ in 0..3 {
            house.people.request_reset(&house.nobody(), "ada@example.com").await.unwrap();
        }
        let often = house.people.request_reset(&house.nobody(), "ada@example.com").await;
        assert_eq!(
            fault(often).kind,
            domain::FaultKind::TooMany,
            "anybody can make us send mail without end"
        );
    })
    .await;
}

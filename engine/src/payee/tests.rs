//! Payees on both databases: that nobody's pay can be led elsewhere unnoticed.

use chrono::TimeDelta;
use domain::FaultKind;
use domain::audit::Action;
use domain::payee::AccountDraft;
use domain::people::Role;

use super::*;
use crate::act::Act;
use crate::audit::{Audit, Filter};
use crate::mail::Mailer;
use crate::on_db;
use crate::testing::house::House;
use crate::testing::mail_server::{mail_server, next_mail};
use crate::testing::{a_seal, on_both, payees_of};

const PASSWORD: &str = "marble kettle orbit fox";
const DE: &str = "DE89 3704 0044 0532 0130 00";
const GB: &str = "GB29 NWBK 6016 1331 9268 19";

fn payees(house: &House) -> Payees {
    payees_of(house.db.clone(), house.people.clone())
}

fn iban(number: &str) -> AccountDraft {
    AccountDraft {
        method: "iban".into(),
        holder: "Ann".into(),
        iban: number.into(),
        ..AccountDraft::default()
    }
}

async fn enter(house: &House, act: &Act, whose: &Act, number: &str) -> Result<Kept, FaultKind> {
    house.world.advance(TimeDelta::seconds(1));
    let whose = whose.person().unwrap().id;
    let done = payees(house).enter(&house.again(act), whose, &iban(number), PASSWORD).await;
    done.map_err(|error| error.into_fault().kind)
}

async fn ends(house: &House, act: &Act) -> (Option<String>, Option<String>) {
    let known = payees(house).known(&house.again(act), act.person().unwrap().id).await.unwrap();
    (known.counting.map(|it| it.shown), known.held.map(|it| it.shown))
}

#[tokio::test]
async fn the_first_counts_at_once_and_a_change_is_held() {
    on_both(async |db| {
        let house = House::new(db);
        let ann = house.join("Ann", Role::Annotator).await;
        let me = ann.person().unwrap().id;
        let wrong = payees(&house).enter(&ann, me, &iban(DE), "not the password").await.unwrap_err();
        assert_eq!(wrong.into_fault().of("password"), Some("This is not your password."));
        enter(&house, &ann, &ann, DE).await.unwrap();
        let german = Some("DE89 •••• 3000".to_owned());
        assert_eq!(ends(&house, &ann).await, (german.clone(), None));

        let british = Some("GB29 •••• 6819".to_owned());
        enter(&house, &ann, &ann, GB).await.unwrap();
        assert_eq!(ends(&house, &ann).await, (german.clone(), british.clone()));
        house.world.advance(TimeDelta::hours(48));
        assert_eq!(ends(&house, &ann).await, (british.clone(), None));

        // What is held can be taken back; what counts cannot, and is followed by another one.
        let held = enter(&house, &ann, &ann, DE).await.unwrap();
        payees(&house).withdraw(&house.again(&ann), held.id).await.unwrap();
        assert_eq!(ends(&house, &ann).await, (british.clone(), None));
        let again = payees(&house).withdraw(&house.again(&ann), held.id).await.unwrap_err();
        assert_eq!(again.into_fault().kind, FaultKind::Conflict);

        // Another change takes the place of one that is held, and waits anew.
        enter(&house, &ann, &ann, DE).await.unwrap();
        house.world.advance(TimeDelta::hours(47));
        enter(&house, &ann, &ann, DE).await.unwrap();
        house.world.advance(TimeDelta::hours(2));
        assert_eq!(ends(&house, &ann).await, (british, german));

        let sealed: Vec<String> = on_db!(&house.db, c => sqlx::query_scalar(
            "SELECT sealed || shown || method FROM payee_account").fetch_all(c).await)
        .unwrap();
        assert!(sealed.iter().all(|kept| !kept.contains("0532013000")), "it can be read");
    })
    .await;
}

#[tokio::test]
async fn what_others_enter_is_held_and_released_by_somebody_else_again() {
    on_both(async |db| {
        let house = House::new(db);
        let ann = house.join("Ann", Role::Annotator).await;
        let bob = house.join("Bob", Role::Annotator).await;
        let mara = house.join("Mara", Role::Manager).await;
        let mo = house.join("Mo", Role::Manager).await;
        assert_eq!(enter(&house, &bob, &ann, DE).await.unwrap_err(), FaultKind::Forbidden);
        let held = enter(&house, &mara, &ann, DE).await.unwrap();
        assert_eq!(ends(&house, &ann).await.0, None);
        for (who, word) in [(&bob, "Only managers"), (&mara, "You have entered")] {
            let refused = payees(&house).release(&house.again(who), held.id).await.unwrap_err().into_fault();
            assert!(refused.kind == FaultKind::Forbidden && refused.message.contains(word), "{refused:?}");
        }
        let unseen = payees(&house).withdraw(&house.again(&bob), held.id).await.unwrap_err().into_fault();
        assert_eq!(unseen.kind, FaultKind::NotFound);
        payees(&house).release(&house.again(&mo), held.id).await.unwrap();
        assert_eq!(ends(&house, &ann).await, (Some("DE89 •••• 3000".to_owned()), None));

        // Nobody releases their own.
        enter(&house, &mo, &mo, DE).await.unwrap();
        let own = enter(&house, &mo, &mo, GB).await.unwrap();
        let refused = payees(&house).release(&house.again(&mo), own.id).await.unwrap_err().into_fault();
        assert!(refused.message.contains("your own"), "{refused:?}");

        let list = async |wanted| {
            let page = payees(&house).list(&house.again(&mara), wanted, None, 10).await.unwrap();
            page.rows.into_iter().map(|it| (it.person_name.to_string(), it.others)).collect::<Vec<_>>()
        };
        assert_eq!(list(Wanted::All).await, [("Ann".to_owned(), 1), ("Mo".to_owned(), 1)]);
        assert_eq!(list(Wanted::Held).await, [("Mo".to_owned(), 1)]);
        assert_eq!(list(Wanted::Missing).await, []);
        assert_eq!(list(Wanted::Shared).await.len(), 2);
        let log = Audit::new(house.db.clone()).page(&house.system, &Filter::default(), 20).await.unwrap();
        for action in [Action::AccountEntered, Action::AccountReleased] {
            assert!(log.rows.iter().any(|line| line.action == action.word()), "{action}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_and_both_addresses_are_told() {
    on_both(async |db| {
        let house = House::new(db);
        let ann = house.join("Ann", Role::Annotator).await;
        let me = ann.person().unwrap().id;
        let (url, mails) = mail_server();
        let mailer = Mailer::smtp(&url, "Desk <desk@example.com>").unwrap();
        let payees =
            Payees::new(house.people.clone(), house.db.clone(), a_seal(), mailer, TimeDelta::hours(48));
        let paypal = |email: &str| AccountDraft {
            method: "paypal".into(),
            email: email.into(),
            ..AccountDraft::default()
        };
        // Whom the next mails are for, in the order of their addresses, and what they say.
        let told = |count: usize| {
            let mut told: Vec<_> = (0..count)
                .map(|_| next_mail(&mails).replace("=\n", ""))
                .map(|mail| {
                    let to = mail.lines().find_map(|line| line.strip_prefix("To: ")).unwrap().to_owned();
                    (to, mail)
                })
                .collect();
            told.sort();
            told
        };
        let to = |told: &[(String, String)]| told.iter().map(|it| it.0.clone()).collect::<Vec<_>>();

        payees.enter(&ann, me, &paypal("old@example.com"), PASSWORD).await.unwrap();
        assert_eq!(to(&told(2)), ["ann@example.com", "old@example.com"]);
        house.world.advance(TimeDelta::hours(1));
        let held = payees.enter(&house.again(&ann), me, &paypal("new@example.com"), PASSWORD).await.unwrap();
        let change = told(3);
        assert_eq!(to(&change), ["ann@example.com", "new@example.com", "old@example.com"]);
        for (_, mail) in &change {
            assert!(mail.contains("/my-pay/account") && mail.contains("It counts from"), "{mail}");
            assert!(!mail.lines().skip(8).any(|line| line.contains("new@example.com")), "all of it is told");
        }
        payees.withdraw(&house.again(&ann), held.id).await.unwrap();
        assert_eq!(to(&told(2)), ["ann@example.com", "new@example.com"]);
        assert!(mails.recv_timeout(std::time::Duration::from_millis(200)).is_err(), "nobody else is told");
    })
    .await;
}

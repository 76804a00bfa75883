use domain::ids::ProjectId;
use domain::payment::FindingKind;
use domain::people::PersonName;
use domain::project::TermsDraft;

use super::*;
use crate::project::AssignmentDraft;
use crate::rate::{RateDraft, Rates};
use crate::{on_db, run_tx};

fn rate(from: &str, hour: &str) -> RateDraft {
    RateDraft { from_on: from.into(), hour_price: hour.into(), ..RateDraft::default() }
}

async fn project(house: &House) -> ProjectId {
    on_db!(&house.db, c => sqlx::query_scalar("SELECT id FROM project").fetch_one(c).await).unwrap()
}

#[tokio::test]
async fn what_is_submitted_is_in_the_batch_of_its_period() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, _, _, task) = month(&house).await;
        let whole = house.only_batch().await;
        assert_eq!(names(&whole), [("Ann".to_owned(), 2, 31_000), ("Bob".to_owned(), 1, 3_333)]);
        assert_eq!((whole.people, whole.minor, whole.open), (2, 34_333, 0));
        assert_eq!(whole.batch.period().to_string(), "1 to 30 September 2026");
        assert_eq!(whole.batch.pay_on.to_string(), "2026-10-10");
        assert!(whole.ready.is_over && whole.ready.is_settled);
        assert_eq!(house.lines_of(&whole, "Ann").await.iter().map(|it| it.1).sum::<i64>(), 31_000);

        // Once more is the same, to the hash.
        let digest = whole.digest;
        house.consolidate().await;
        let mut tx = house.db.begin().await.unwrap();
        due::calendar(&mut tx, &house.now(), project(&house).await).await.unwrap();
        tx.commit().await.unwrap();
        house.consolidate().await;
        assert_eq!(house.only_batch().await.digest, digest);

        // One more week is another version, and what has changed is known.
        house.submit(&ann, task, &[(monday() + Days::new(7), "1")]).await;
        assert!(!house.only_batch().await.ready.is_settled);
        house.consolidate().await;
        let after = house.only_batch().await;
        assert_eq!(after.minor, 36_333);
        assert_ne!(after.digest, digest);
        let changes =
            house.payments().changes(&house.system, after.batch.id, whole.batch.version).await.unwrap();
        let said: Vec<_> = changes
            .iter()
            .map(|it| {
                (it.person_name.as_str(), it.lines_before, it.lines_after, it.minor_after - it.minor_before)
            })
            .collect();
        assert_eq!(said, [("Ann", 2, 3, 2_000)]);
    })
    .await;
}

#[tokio::test]
async fn what_is_returned_is_in_no_batch_until_it_comes_again() {
    on_both(async |db| {
        let house = House::new(db);
        let (_, bob, mara, _) = month(&house).await;
        let lines = house.lines_of(&house.only_batch().await, "Bob").await;
        house.timesheets.return_line(&house.again(&mara), lines[0].0, "Which task?").await.unwrap();
        house.consolidate().await;
        let whole = house.only_batch().await;
        assert_eq!(names(&whole), [("Ann".to_owned(), 2, 31_000)]);
        // He is missing now, and is said to be.
        assert_eq!(
            whole.ready.missing,
            [Missing {
                person: bob.person().unwrap().id,
                name: PersonName::parse("Bob").unwrap(),
                unsent: 1,
                from: monday(),
            }]
        );
    })
    .await;
}

#[tokio::test]
async fn a_rate_that_changes_is_paid_at_once_and_said() {
    on_both(async |db| {
        let house = House::new(db);
        month(&house).await;
        let project = project(&house).await;
        let rates = Rates::new(house.projects.clone());
        rates.write(&house.now(), project, &rate("2026-09-08", "30")).await.unwrap();
        house.consolidate().await;
        let whole = house.only_batch().await;
        assert_eq!(names(&whole), [("Ann".to_owned(), 2, 39_000), ("Bob".to_owned(), 1, 3_333)]);
        let said: Vec<_> = whole.found.iter().map(|it| (it.kind, it.figure.as_str())).collect();
        assert_eq!(said, [(FindingKind::RateChanged, "240.00 EUR")]);
        assert_eq!(whole.open, 1);

        // Work without a rate is not paid, and said.
        rates
            .write(
                &house.now(),
                project,
                &RateDraft { from_on: "2026-09-07".into(), ends: true, ..RateDraft::default() },
            )
            .await
            .unwrap();
        house.consolidate().await;
        let whole = house.only_batch().await;
        assert_eq!(names(&whole), [("Ann".to_owned(), 1, 24_000), ("Bob".to_owned(), 0, 0)]);
        let kinds: Vec<_> = whole.found.iter().map(|it| it.kind).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == FindingKind::NoRate).count(), 2);
    })
    .await;
}

#[tokio::test]
async fn levels_and_periods_count_from_the_moment_they_are_set() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, ..) = month(&house).await;
        let project = project(&house).await;
        let rates = Rates::new(house.projects.clone());
        let senior = RateDraft { level: "senior".into(), ..rate("2026-01-01", "40") };
        rates.write(&house.now(), project, &senior).await.unwrap();
        let rise = AssignmentDraft {
            level: "senior".into(),
            level_from: "2026-09-08".into(),
            ..AssignmentDraft::default()
        };
        house.projects.assign(&house.now(), project, ann.person().unwrap().id, &rise).await.unwrap();
        house.consolidate().await;
        assert_eq!(house.only_batch().await.minor, 15_000 + 32_000 + 3_333);

        let weekly = TermsDraft {
            rhythm: "weekly".into(),
            starts_on: "2026-01-05".into(),
            cut_off_days: "1".into(),
            grace_days: "1".into(),
            pay_days: "5".into(),
            zone: "Europe/Berlin".into(),
            backdate_days: "60".into(),
            ..TermsDraft::default()
        };
        house.projects.set_terms(&house.now(), project, 0, &weekly).await.unwrap();
        house.consolidate().await;
        let whole = house.only_batch().await;
        assert_eq!(whole.batch.period().to_string(), "7 to 13 September 2026");
        assert_eq!((whole.minor, whole.batch.pay_on.to_string().as_str()), (50_333, "2026-09-18"));

        // Another pay day changes no payment, and counts all the same.
        let later = TermsDraft { pay_days: "9".into(), ..weekly };
        house.projects.set_terms(&house.now(), project, 1, &later).await.unwrap();
        house.consolidate().await;
        assert_eq!(house.only_batch().await.batch.pay_on.to_string(), "2026-09-22");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_consolidate_at_once_come_to_the_same() {
    on_both(async |db| {
        let house = House::new(db);
        let (ann, bob, _, task) = month(&house).await;
        let mut at_once = Vec::new();
        for _ in 0..6 {
            let (payments, act) = (house.payments(), house.now());
            at_once.push(tokio::spawn(async move { payments.consolidate(&act).await.unwrap() }));
        }
        for n in 1..4 {
            let monday = monday() + Days::new(7 * n);
            house.submit(&ann, task, &[(monday, "3"), (monday + Days::new(2), "4:15")]).await;
            house.submit(&bob, task, &[(monday + Days::new(1), "2")]).await;
        }
        for one in at_once {
            one.await.unwrap();
        }
        house.consolidate().await;
        let mut minor = 0;
        for summed in house.payments().batches(&house.system, None, 10).await.unwrap().rows {
            minor += summed.minor;
            let whole = house.payments().batch(&house.now(), summed.batch.id).await.unwrap();
            for payment in &whole.payments {
                let slip = house.payments().slip(&house.now(), payment.id).await.unwrap();
                assert_eq!(slip.lines.iter().map(|line| line.minor).sum::<i64>(), payment.minor);
                assert_eq!(i64::try_from(slip.lines.len()).unwrap(), payment.lines);
            }
        }
        let submitted: (i64, i64) = on_db!(&house.db, c => sqlx::query_as(
            "SELECT COUNT(*), CAST(SUM(minor) AS BIGINT) FROM timesheet_line WHERE state = 'submitted'"
        ).fetch_one(c).await)
        .unwrap();
        assert_eq!(minor, submitted.1);
        let paid: i64 = on_db!(&house.db, c => sqlx::query_scalar("SELECT COUNT(*) FROM payment_line").fetch_one(c).await).unwrap();
        assert_eq!(paid, submitted.0);
    })
    .await;
}

#[tokio::test]
async fn a_line_is_in_one_payment_and_no_other() {
    on_both(async |db| {
        let house = House::new(db);
        month(&house).await;
        let whole = house.only_batch().await;
        let (of_ann, of_bob) = (whole.payments[0].id, whole.payments[1].id);
        let mut tx = house.db.begin().await.unwrap();
        let twice = run_tx!(
            tx,
            sqlx::query(
                "INSERT INTO payment_line (line_id, line_version, payment_id, rate_id, minor) \
                 SELECT line_id, line_version, $2, rate_id, minor FROM payment_line WHERE payment_id = $1"
            )
            .bind(of_ann)
            .bind(of_bob)
        );
        assert!(twice.unwrap_err().is_taken());
    })
    .await;
}

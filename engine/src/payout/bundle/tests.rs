//! A bundle proves what it should, and nothing in it can be changed without being found.

use std::io::{Cursor, Read, Write};

use chrono::{Datelike, Days, NaiveDate};
use domain::ids::TaskTypeId;
use domain::payout::{Format, TransferState};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;
use crate::audit::{Audit, Filter, jsonl_row};
use crate::on_db;
use crate::payment::Payments;
use crate::payout::tests::Paid;
use crate::testing::on_both;

/// The same bundle with one entry changed.
fn with(bundle: &[u8], name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bundle)).unwrap();
    let mut other = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..archive.len() {
        let mut entry = archive.by_index(n).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let own = entry.name().unwrap().into_owned();
        let is_it = own == name || (name == "files/" && own.starts_with(name));
        let changed = if is_it { change(&text) } else { text.clone() };
        assert_eq!(is_it, changed != text, "{name} is not changed by that: {text}");
        other.start_file(own, SimpleFileOptions::default()).unwrap();
        other.write_all(changed.as_bytes()).unwrap();
    }
    other.finish().unwrap().into_inner()
}

fn faults(bundle: &[u8]) -> Vec<String> {
    verify(Cursor::new(bundle), None).unwrap().into_iter().flat_map(|check| check.wrong).collect()
}

#[tokio::test]
async fn what_was_approved_and_paid_can_be_checked_without_us() {
    on_both(async |db| {
        let paid = Paid::new(db).await;
        let sepa = paid.make(Format::Pain09).await.unwrap();
        // One that was not sent lies apart, and another pays what it would have paid.
        let unsent = paid.make(Format::Paypal).await.unwrap();
        paid.payouts().withdraw(&paid.now(&paid.mara), unsent.id).await.unwrap();
        let paypal = paid.make(Format::Paypal).await.unwrap();
        let first = paid.of_file(&sepa).await.remove(0);
        paid.settle(&first, TransferState::Failed).await.unwrap();
        paid.again(first.payment_id).await.unwrap();
        paid.payouts().all_paid(&paid.now(&paid.mara), paypal.id).await.unwrap();
        let (name, bundle) = paid.payouts().bundle(&paid.now(&paid.mara), paid.batch).await.unwrap();
        assert_eq!(name, "batch-2026-09-01-2026-09-30-EUR.zip");
        let names: Vec<_> = ZipArchive::new(Cursor::new(&bundle))
            .unwrap()
            .file_names()
            .map(|it| it.unwrap().into_owned())
            .collect();
        assert!(names.contains(&format!("files/withdrawn/{}", unsent.name)), "{names:?}");
        let checks = verify(Cursor::new(&bundle), None).unwrap();
        assert!(checks.iter().all(|check| check.wrong.is_empty()), "{checks:?}");
        let said: Vec<_> = checks.iter().map(|check| check.what.as_str()).collect();
        assert_eq!(
            said[..5],
            [
                "Approved by Mara",
                "3 payments, 930.00 EUR",
                "6 lines, each worth what its rate makes of it",
                "4 transfers, 310.00 EUR paid so far",
                "3 payment files, byte for byte",
            ]
        );

        // Whatever somebody changes is found, and said.
        let tampered: [(&str, (&str, &str), &str); 10] = [
            ("approved.txt", ("31000", "99000"), "approved.txt has the SHA-256"),
            ("payments.csv", ("31000,310.00", "99000,990.00"), "is paid 99000 and not the 31000"),
            ("lines.csv", ("450,0", "460,0"), "is not worth 15000 by its rate"),
            ("lines.csv", (",20.00,", ",21.00,"), "are not those that were approved"),
            ("transfers.csv", (",31000,", ",41000,"), "pays 41000 and not 31000"),
            ("transfers.csv", ("DE89", "DE12"), "where nobody has sent it"),
            ("transfers.csv", (",ready,", ",sent,"), ""),
            ("files.csv", (",31000,", ",41000,"), "does not come to 41000"),
            ("files/", ("310.00", "410.00"), "is not what its SHA-256 says"),
            ("audit.jsonl", ("Mara", "Ann"), "is not what its hash says"),
        ];
        for (part, (is, becomes), said) in tampered {
            let found = faults(&with(&bundle, part, |text| text.replacen(is, becomes, 1)));
            // What became of a transfer since is no part of what was approved.
            assert_eq!(found.is_empty(), said.is_empty(), "{part}: {found:?}");
            assert!(found.iter().any(|it| it.contains(said)) || said.is_empty(), "{part}: {found:?}");
        }
        // Whoever changes a file and what is said of it still has the log against them.
        let sent = with(&bundle, "files/", |text| text.replacen("2026", "2027", 1));
        let hashes: Vec<_> =
            [&sepa, &paypal, &unsent].iter().map(|it| crate::secret::to_hex(&it.digest)).collect();
        let told = with(&sent, "files.csv", |text| {
            hashes.iter().fold(text.to_owned(), |text, hash| text.replace(hash, &"0".repeat(64)))
        });
        assert!(faults(&told).iter().any(|it| it.contains("was made with this SHA-256")));
        let mara = paid.mara.person().unwrap().id.to_string();
        let ann = paid.ann.person().unwrap().id.to_string();
        let another = faults(&with(&bundle, "approvals.csv", |text| text.replace(&mara, &ann)));
        assert!(another.iter().any(|it| it.contains("names others who have approved it")), "{another:?}");

        let twice = faults(&with(&bundle, "transfers.csv", |text| text.replace(",failed,", ",paid,")));
        assert!(twice.iter().any(|it| it.contains("pays what another transfer pays")), "{twice:?}");
        let rejected = verify(Cursor::new(&b"PK nothing"[..]), None).unwrap_err();
        assert!(rejected.contains("This is no bundle"), "{rejected}");

        // Beside a log that somebody else has kept.
        let (audit, act) = (Audit::new(paid.house.db.clone()), paid.now(&paid.mara));
        let lines = audit.lines_after(&act, &Filter::default(), 0).await.unwrap();
        let log: String = lines.iter().map(|line| jsonl_row(line).unwrap()).collect();
        let of_log =
            |log: &str| verify(Cursor::new(&bundle), Some(&mut log.as_bytes())).unwrap().pop().unwrap();
        assert_eq!(of_log(&log).wrong, Vec::<String>::new());
        let other = log.replace("Approved a batch", "").replacen("\"seq\":3,", "\"seq\":4,", 1);
        assert!(
            of_log(&other).wrong[0].contains("the exported log breaks at line 3"),
            "{:?}",
            of_log(&other)
        );
        let short = log.lines().take(5).collect::<Vec<_>>().join("\n");
        assert!(of_log(&short).wrong[0].contains("is not in the exported log"));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_held_is_in_the_proof_and_not_paid() {
    on_both(async |db| {
        let paid = Paid::holding(db, Some("Bob")).await;
        paid.make(Format::Pain09).await.unwrap();
        let bundle = paid.payouts().bundle(&paid.now(&paid.mara), paid.batch).await.unwrap().1;
        let checks = verify(Cursor::new(&bundle), None).unwrap();
        assert!(checks.iter().all(|check| check.wrong.is_empty()), "{checks:?}");
        assert_eq!(
            (checks[1].what.as_str(), checks[2].what.split(',').next()),
            ("2 payments, 620.00 EUR", Some("4 lines"))
        );
        let let_go = faults(&with(&bundle, "payments.csv", |text| text.replace("They asked for it", "")));
        assert!(let_go.iter().any(|it| it.contains("whether Bob is held")), "{let_go:?}");
    })
    .await;
}

/// A line is taken back: the next batch pays less for it, or nothing and owes.
#[tokio::test]
async fn what_was_taken_back_and_is_owed_adds_up() {
    on_both(async |db| {
        let paid = Paid::new(db).await;
        let payments = Payments::new(paid.house.db.clone());
        let whole = payments.batch(&paid.now(&paid.mara), paid.batch).await.unwrap();
        let anns = whole.payments.iter().find(|it| it.person_name.as_str() == "Ann").unwrap();
        for line in payments.slip(&paid.now(&paid.mara), anns.id).await.unwrap().lines {
            payments.reverse(&paid.now(&paid.mara), line.line_id, "It was not hers").await.unwrap();
        }
        // Two batches more: in the first all of it is owed, in the second it is made up for.
        for monday in ["2026-10-05", "2026-11-02"] {
            let monday: NaiveDate = monday.parse().unwrap();
            let after = |days| (monday + Days::new(days)).and_hms_opt(12, 0, 0).unwrap().and_utc();
            paid.house.world.advance(after(6) - paid.house.world.now());
            let tasks: Vec<TaskTypeId> =
                on_db!(&paid.house.db, c => sqlx::query_scalar("SELECT id FROM task_type").fetch_all(c).await).unwrap();
            let days: &[(NaiveDate, &str)] =
                if monday.month() == 10 { &[(monday, "4")] } else { &[(monday, "8"), (monday + Days::new(1), "8")] };
            paid.house.submit(&paid.now(&paid.ann), tasks[0], days).await;
            paid.house.world.advance(after(32) - paid.house.world.now());
            payments.consolidate(&paid.now(&paid.mara)).await.unwrap();
            let batch = payments.batches(&paid.now(&paid.mara), None, 1).await.unwrap().rows[0].batch.id;
            let whole = payments.batch(&paid.now(&paid.mara), batch).await.unwrap();
            for it in &whole.found {
                let said = [(it.kind, it.sentence.clone())];
                payments.accept(&paid.now(&paid.mara), batch, it.subject_id, &said, "Known").await.unwrap();
            }
            let shown = payments.batch(&paid.now(&paid.mara), batch).await.unwrap();
            let anns = shown.payments.iter().find(|it| it.person_name.as_str() == "Ann").unwrap();
            let expected = if monday.month() == 10 { (8_000 - 31_000, 0, 0) } else { (32_000, -23_000, 9_000) };
            assert_eq!((anns.minor, anns.carried_minor, anns.pay_minor), expected, "{monday}");
            payments.approve(&paid.now(&paid.mara), batch, &shown.digest).await.unwrap();
            let bundle = paid.payouts().bundle(&paid.now(&paid.mara), batch).await.unwrap().1;
            let checks = verify(Cursor::new(&bundle), None).unwrap();
            assert!(checks.iter().all(|check| check.wrong.is_empty()), "{monday}: {checks:?}");
        }
    })
    .await;
}

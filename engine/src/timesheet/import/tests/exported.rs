//! What is exported reads back as what it was.

use chrono::Days;
use domain::FaultKind;
use domain::people::Role;

use super::drops::{dropped, upload, words};
use crate::act::Act;
use crate::run_tx;
use crate::testing::house::House;
use crate::testing::on_both;
use crate::timesheet::{LineDraft, Wanted};

async fn exported(house: &House, act: &Act, project: &str) -> String {
    let (_, monday) = house.week();
    let (from, until) = ((monday - Days::new(60)).to_string(), (monday + Days::new(6)).to_string());
    let wanted = Wanted::parse(&from, &until, project).unwrap();
    let act = house.again(act);
    let (mut text, place) = house.timesheets.begin_export(&act).unwrap();
    let mut place = Some(place);
    while let Some(from) = place {
        let (more, next) = house.timesheets.export(&act, &wanted, &from).await.unwrap();
        text.push_str(&more);
        place = next;
    }
    text
}

#[tokio::test]
async fn what_is_exported_comes_back_as_the_same_lines() {
    on_both(async |db| {
        let house = House::new(db);
        let mara = house.join("Mara", Role::Manager).await;
        let (ann, bob) = (house.join("Ann", Role::Annotator).await, house.join("Bob", Role::Annotator).await);
        let (first, task) = house.project("acme-1", &["ann", "bob"]).await;
        let (_, other) = house.project("acme-2", &["bob"]).await;
        let ((week, monday), of_first) = (house.week(), task);
        let notes = ["=HYPERLINK(\"x\")", "'t Hooft, Žofie; \"quoted\"", "+1", "", "plain"];
        for (who, task) in [(&ann, task), (&bob, task), (&bob, other)] {
            let act = house.again(who);
            let drafts: Vec<_> = notes
                .iter()
                .zip(0..)
                .map(|(note, n)| LineDraft {
                    task,
                    on: monday + Days::new(n),
                    hours: if n == 3 && task == of_first {
                        "9:00-12:30, 13:00-13:45".to_owned()
                    } else {
                        format!("{n}:{:02}", 5 + 7 * n)
                    },
                    units: String::new(),
                    note: (*note).to_owned(),
                    external_id: (n == 2).then(|| format!("@{task}-{}", act.person().unwrap().name)),
                })
                .collect();
            let id = act.person().unwrap().id;
            let entered = house.timesheets.save(&act, id, week, None, &drafts).await.unwrap().1;
            assert_eq!(entered.put.len(), 5, "{:?}", entered.said);
        }
        let text = exported(&house, &mara, "").await;
        assert_eq!(text.lines().count(), 16, "{text}");
        assert!(text.contains("\"9:00-12:30, 13:00-13:45\""), "{text}");
        assert!(text.contains("'=HYPERLINK"), "a spreadsheet would compute it: {text}");
        assert_eq!(exported(&house, &mara, &first.id.to_string()).await.lines().count(), 11);

        // Everything is lost, and comes back from the file.
        let mut tx = house.db.begin().await.unwrap();
        for table in ["timesheet_line", "timesheet_total", "timesheet_week"] {
            run_tx!(tx, sqlx::query(&format!("DELETE FROM {table}"))).unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(exported(&house, &mara, "").await.lines().count(), 1);
        let seen = dropped(&house, &house.again(&mara), vec![upload("export.csv", text.clone())]).await;
        assert_eq!(words(&seen.files[0]), "");
        house.timesheets.take_files(&house.again(&mara), seen.id, false).await.unwrap();
        let rows = |text: &str| {
            // The order is that of ids, which are new; and staff submit what they bring.
            let mut rows: Vec<String> = csv::Reader::from_reader(text.as_bytes())
                .records()
                .map(|row| row.unwrap().iter().take(9).collect::<Vec<_>>().join("|"))
                .collect();
            rows.sort();
            rows
        };
        assert_eq!(rows(&exported(&house, &mara, "").await), rows(&text));

        // Whoever is there at that time is not elsewhere, though the file knows nothing of it.
        let on = monday + Days::new(5);
        let file = |project: &str, times: &str| {
            let text =
                format!("Email,Project,Task,Date,Hours\nbob@example.com,{project},Labels,{on},{times}\n");
            vec![upload(&format!("{project}.csv"), text)]
        };
        let seen = dropped(&house, &house.again(&mara), file("acme-1", "9 am - 12 pm")).await;
        house.timesheets.take_files(&house.again(&mara), seen.id, true).await.unwrap();
        let seen = dropped(&house, &house.again(&mara), file("acme-2", "11:45-13")).await;
        let expected = "[2] 11:45-13:00 overlaps with 9:00-12:00 on another project. Change one of the two.";
        assert_eq!(words(&seen.files[0]), expected);
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_see_timesheets_exports_none() {
    on_both(async |db| {
        let house = House::new(db);
        let ann = house.join("Ann", Role::Annotator).await;
        let refused = house.timesheets.begin_export(&ann).unwrap_err().into_fault();
        assert_eq!(refused.kind, FaultKind::Forbidden);
        let wrong = |from: &str, until: &str, project: &str| {
            Wanted::parse(from, until, project).unwrap_err().fields.remove(0).field
        };
        assert_eq!(wrong("soon", "2026-01-01", ""), "from");
        assert_eq!(wrong("2026-01-02", "2026-01-01", ""), "until");
        assert_eq!(wrong("2016-01-02", "2026-01-01", ""), "until");
        assert_eq!(wrong("2026-01-01", "2026-01-01", "x"), "project");
    })
    .await;
}
